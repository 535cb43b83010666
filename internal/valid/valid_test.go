package valid_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/valid"
)

type attachment struct {
	Name string `validate:"required,line=10"`
}

type input struct {
	Title       string           `validate:"required,line=20"`
	Body        string           `validate:"text=40"`
	Author      engawa.PersonID  `validate:"omitempty,hostid"`
	Editor      *engawa.PersonID `validate:"omitempty,hostid"`
	Kind        string           `validate:"omitempty,oneof=update question"`
	Percent     string           `validate:"omitempty,oneof=100% 50%"`
	Rank        int              `validate:"max=9"`
	At          time.Time        `validate:"reltime"`
	Attachments []attachment     `validate:"max=3,dive"`
	Tags        []string         `validate:"dive,hostid"`
	BIC         string           `validate:"omitempty,bic_iso_9362_2014"`
}

func TestCheck(t *testing.T) {
	v := valid.New()
	long := strings.Repeat("あ", 50)
	nul := engawa.PersonID("a\x00b")
	for _, c := range []struct {
		name   string
		change func(*input)
		kind   engawa.Kind
		en, ja string
	}{
		{"nothing", func(*input) {}, 0, "", ""},
		{"required", func(in *input) { in.Title = "" }, engawa.Invalid,
			"feed.Publish: Title: is a required field", "feed.Publish: Title: 必須フィールドです"},
		{"line too long", func(in *input) { in.Title = long }, engawa.TooLarge,
			"feed.Publish: Title: is 150 bytes long: at most 20 are allowed",
			"feed.Publish: Title: 150バイトあります。20バイト以内にしてください"},
		{"line of two lines", func(in *input) { in.Title = "a\nb" }, engawa.Invalid,
			"feed.Publish: Title: holds a control character (U+000A): remove it",
			"feed.Publish: Title: 制御文字(U+000A)が含まれています。取り除いてください"},
		{"text of two lines", func(in *input) { in.Body = "a\r\n\tb" }, 0, "", ""},
		{"text not UTF-8", func(in *input) { in.Body = "\xff" }, engawa.Invalid,
			"feed.Publish: Body: is not valid UTF-8: convert it first",
			"feed.Publish: Body: UTF-8として正しくありません。変換してから渡してください"},
		{"id behind a pointer", func(in *input) { in.Editor = &nul }, engawa.Invalid,
			"feed.Publish: Editor: holds a control character (U+0000): remove it",
			"feed.Publish: Editor: 制御文字(U+0000)が含まれています。取り除いてください"},
		{"empty id", func(in *input) { in.Tags = []string{"a", ""} }, engawa.Invalid,
			"feed.Publish: Tags[1]: must not be empty", "feed.Publish: Tags[1]: 入力してください"},
		{"time", func(in *input) { in.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, engawa.Invalid,
			"feed.Publish: At: must lie between 1970 and 2247",
			"feed.Publish: At: 1970年から2247年の間で指定してください"},
		{"choice", func(in *input) { in.Kind = "x" }, engawa.Invalid,
			"feed.Publish: Kind: must be one of [update question]",
			"feed.Publish: Kind: [update question]のうちのいずれかでなければなりません"},
		{"a per cent sign is no verb", func(in *input) { in.Percent = "x" }, engawa.Invalid,
			"feed.Publish: Percent: must be one of [100% 50%]",
			"feed.Publish: Percent: [100% 50%]のうちのいずれかでなければなりません"},
		{"number", func(in *input) { in.Rank = 10 }, engawa.Invalid,
			"feed.Publish: Rank: must be 9 or less", "feed.Publish: Rank: 9以下でなければなりません"},
		{"too many", func(in *input) { in.Attachments = make([]attachment, 4) }, engawa.TooLarge,
			"feed.Publish: Attachments: must contain at most 3 items",
			"feed.Publish: Attachments: 最大でも3つの項目でなければなりません"},
		{"path", func(in *input) { in.Attachments = []attachment{{"a"}, {"b"}, {""}} }, engawa.Invalid,
			"feed.Publish: Attachments[2].Name: is a required field",
			"feed.Publish: Attachments[2].Name: 必須フィールドです"},
		{"two fields", func(in *input) { in.Title, in.Rank = "", 10 }, engawa.Invalid,
			"feed.Publish: Title: is a required field; Rank: must be 9 or less",
			"feed.Publish: Title: 必須フィールドです; Rank: 9以下でなければなりません"},
		{"a rule without words", func(in *input) { in.BIC = "x" }, engawa.Invalid,
			"feed.Publish: BIC: must satisfy the rule bic_iso_9362_2014",
			"feed.Publish: BIC: 次の条件を満たすように指定してください: bic_iso_9362_2014"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input{Title: "題"}
			c.change(&in)
			err := v.Check("feed.Publish", &in)
			if c.en == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.Is(err, c.kind) {
				t.Errorf("kind is %v, want %v", engawa.KindOf(err), c.kind)
			}
			got := [2]string{engawa.In(engawa.English, err), engawa.In(engawa.Japanese, err)}
			if diff := cmp.Diff([2]string{c.en, c.ja}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if e := err.(*engawa.Error); e.Fields[0].Message.Code == "" {
				t.Error("a message without code")
			}
		})
	}
}

func TestCheckWithoutStruct(t *testing.T) {
	v := valid.New()
	for _, in := range []any{nil, 3, (*input)(nil)} {
		if err := v.Check("feed.Publish", in); !errors.Is(err, engawa.Internal) {
			t.Errorf("%T: %v", in, err)
		}
	}
}

func TestCheckPanicsOnMistakesInTags(t *testing.T) {
	for _, in := range []any{
		struct {
			A string `validate:"line=x"`
		}{},
		struct {
			A int `validate:"line=3"`
		}{},
		struct {
			A string `validate:"reltime"`
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T did not panic", in)
				}
			}()
			valid.New().Check("x", in)
		}()
	}
}

func TestCheckConcurrently(t *testing.T) {
	v := valid.New()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if v.Check("x", input{}) == nil {
					t.Error("no error")
				}
			}
		})
	}
	wg.Wait()
}

func ExampleValidator_Check() {
	type NewSpace struct {
		Name string `validate:"required,line=200"`
		Why  string `validate:"text=2000"`
	}
	err := valid.New().Check("feed.CreateSpace", NewSpace{Name: "営業\n企画"})
	fmt.Println(engawa.In(engawa.English, err))
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// feed.CreateSpace: Name: holds a control character (U+000A): remove it
	// feed.CreateSpace: Name: 制御文字(U+000A)が含まれています。取り除いてください
}
