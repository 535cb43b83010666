package directory_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory"
)

const peopleCSV = "\ufeffid,display,reading,code,state,org,title,rank,head,main,kind,from,until\r\n" +
	"tanaka,田中 恵,たなか めぐみ,E001,,sales-dx,課長,5,1,true,,,2024-04-01\r\n" +
	"tanaka,,,,,dx,部長,7,,1,,2024-04-01,\r\n" +
	"tanaka,田中 恵,,,,sales,,,0,false,concurrent,,\r\n" +
	"sato,佐藤 健,サトウ ケン,,,dx,,,,1,,,\r\n" +
	"tabata,田畑 蓮,たばた れん,,,,,,,,,,\r\n" +
	"suzuki,\"鈴木 葵\",,,left,dx,,,,,,,\r\n" +
	"ito,,,,suspended,,,,,,,,\r\n"

const unitsCSV = "parent,id\n,all\nall,sales\nall,dx\nsales,sales-dx\ndx,sales-dx\n"

func TestCSV(t *testing.T) {
	from := directory.Source{Name: "people.csv", Location: jst}
	people, err := directory.PeopleCSV(strings.NewReader(peopleCSV), from)
	if err != nil {
		t.Fatal(err)
	}
	units, err := directory.UnitsCSV(strings.NewReader(unitsCSV), directory.Source{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(company(), directory.Chart{Tenant: "main", People: people, Units: units}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPeopleCSVErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `people.csv: the header has no column "id": add it`},
		{"no id", "display\n", `people.csv:1:1: id: the header has no column "id": add it`},
		{"unknown column", "id,email\n", "people.csv:1:4: email: is no column of this file: the columns are " +
			"id, display, reading, code, state, org, title, rank, head, main, kind, from, until"},
		{"column twice", "id,id\n", "people.csv:1:4: id: is a column twice: leave one out"},
		{"empty id", "id,display\na,b\n,c\n", "people.csv:3:1: id: must not be empty"},
		{"rank", "id,org,rank\na,b,高\n", "people.csv:2:5: rank: must be a whole number that is not negative"},
		{"column in bytes", "id,display,org,rank\na,田中,b,-1\n", "people.csv:2:12: rank: must be a whole number that is not negative"},
		{"head", "id,org,head\na,b,はい\n", "people.csv:2:5: head: must be 1 or true for yes, and empty, 0 or false for no"},
		{"state", "id,state\na,退職\n", `people.csv:2:3: state: "退職" is no state: leave it empty or write "suspended" or "left"`},
		{"kind", "id,org,kind\na,b,兼務\n", `people.csv:2:5: kind: "兼務" is no kind of affiliation: leave it empty or write "concurrent" or "seconded"`},
		{"date", "id,org,from\na,b,2024/4/1\n", "people.csv:2:5: from: must be a date such as 2024-04-01 or a time such as 2024-04-01T09:00:00+09:00"},
		{"other name", "id,display\na,b\na,c\n", "people.csv:3:3: display: differs from the first line of this person: leave it empty or repeat it"},
		{"not UTF-8", "id,display\na,\xff\n", "people.csv:2:3: display: is not valid UTF-8: convert it first"},
		{"NUL", "id\na\x00\n", "people.csv:2:1: id: holds a control character (U+0000): remove it"},
		{"too few fields", "id,display\na\n", "people.csv:2:1: cannot be read: wrong number of fields"},
		{"quote", "id\n\"a\nb\n", "people.csv:3:3: cannot be read: extraneous or missing \" in quoted-field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			people, err := directory.PeopleCSV(strings.NewReader(c.text), directory.Source{Name: "people.csv"})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if !errors.Is(err, engawa.Invalid) || people != nil {
				t.Error(engawa.KindOf(err), people)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("broken")
	if _, err := directory.UnitsCSV(iotest.ErrReader(broken), directory.Source{}); !errors.Is(err, broken) || !errors.Is(err, engawa.Unavailable) {
		t.Error(err)
	}
	if _, err := directory.ReadJSON(iotest.ErrReader(broken), directory.Source{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	endless := io.MultiReader(strings.NewReader("id\n"), spaces{})
	if _, err := directory.UnitsCSV(endless, directory.Source{}); !errors.Is(err, engawa.TooLarge) {
		t.Error(err)
	}
	if _, err := directory.ReadJSON(spaces{}, directory.Source{}); !errors.Is(err, engawa.TooLarge) {
		t.Error(err)
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

const companyJSON = `[{"tenant": "main",
  "units": [{"id": "all"}, {"id": "sales", "parents": ["all"]}, {"id": "dx", "parents": ["all"]}, {"id": "sales-dx", "parents": ["sales", "dx"]}],
  "people": [
    {"id": "tanaka", "display": "田中 恵", "reading": "たなか めぐみ", "code": "E001", "posts": [
      {"org": "sales-dx", "title": "課長", "rank": 5, "head": true, "main": true, "until": "2024-04-01T00:00:00+09:00"},
      {"org": "dx", "title": "部長", "rank": 7, "main": true, "from": "2024-04-01T00:00:00+09:00"},
      {"org": "sales", "kind": "concurrent"}]},
    {"id": "sato", "display": "佐藤 健", "reading": "サトウ ケン", "posts": [{"org": "dx", "main": true}]},
    {"id": "tabata", "display": "田畑 蓮", "reading": "たばた れん"},
    {"id": "suzuki", "display": "鈴木 葵", "state": "left", "posts": [{"org": "dx"}]},
    {"id": "ito", "state": "suspended"}]}]`

func TestReadJSON(t *testing.T) {
	for _, bom := range []string{"", "\ufeff"} {
		got, err := directory.ReadJSON(strings.NewReader(bom+companyJSON), directory.Source{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]directory.Chart{company()}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

func TestReadJSONErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "chart.json:1:1: cannot be read: EOF"},
		{"cut off", "[{\n\"tenant\": \"ma", "chart.json:2:13: cannot be read: unexpected EOF"},
		{"syntax", "[{\n  tenant", "chart.json:2:3: cannot be read: invalid character 't' looking for beginning of object key string"},
		{"type", "[{\n \"people\": [\n{\"id\": 3}]}]", "chart.json:3:8: cannot be read: json: cannot unmarshal number into Go struct field Person.people.id of type engawa.PersonID"},
		{"unknown field", "[{\n \"tenant\":\"a\", \"users\": []}]", "chart.json:2:16: cannot be read: json: unknown field \"users\""},
		{"time", "[{\n\"people\":[{\"posts\":[{\"from\":\"2024-04-01\"}]}]}]", "chart.json:2:30: cannot be read: parsing time \"2024-04-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\""},
		{"two values", "[]\n[]", "chart.json:2:1: cannot be read: something follows the array"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := directory.ReadJSON(strings.NewReader(c.text), directory.Source{Name: "chart.json"})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(peopleCSV)
	f.Add("id,org,rank,from\na,b,1,2024-04-01\n")
	f.Fuzz(func(t *testing.T, text string) {
		people, err := directory.PeopleCSV(strings.NewReader(text), directory.Source{})
		if err != nil {
			if k := engawa.KindOf(err); k != engawa.Invalid {
				t.Errorf("%q: %v is %v", text, err, k)
			}
			return
		}
		if _, err := directory.New(directory.Chart{Tenant: "main", People: people}); err != nil && !errors.Is(err, engawa.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func ExamplePeopleCSV() {
	const file = `id,display,reading,org,title,main,kind
tanaka,田中 恵,たなか めぐみ,sales,課長,1,
tanaka,,,dx,,,concurrent
`
	people, err := directory.PeopleCSV(strings.NewReader(file), directory.Source{Name: "people.csv"})
	fmt.Println(people[0].Display, len(people[0].Posts), err)

	_, err = directory.PeopleCSV(strings.NewReader("id,rank,org\ntanaka,課長,sales\n"), directory.Source{Name: "people.csv"})
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// 田中 恵 2 <nil>
	// people.csv:2:8: rank: 0以上の整数を指定してください
}
