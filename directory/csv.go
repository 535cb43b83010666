package directory

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// maxInput bounds what is read from one CSV or JSON file, in bytes.
const maxInput = 32 << 20

// Source tells where a file comes from and how it is to be read.
type Source struct {
	// Name stands in errors, such as "people.csv". Defaults to "input".
	Name string
	// Location is where dates without time begin. Defaults to UTC.
	Location *time.Location
}

// PeopleCSV reads people from CSV: UTF-8 with or without a byte order mark, a header row, columns in any order. Only id
// is required:
//
//	id       the person's id
//	display  the name as it is written
//	reading  the name in kana
//	code     a staff number or the like
//	state    empty, suspended or left
//	org      the unit of one post; a person with several has a row for each, and one with none leaves it empty
//	title    the title there
//	rank     its rank, a whole number
//	head     whether the person leads the unit: 1 or true; empty, 0 or false
//	main     whether it is the principal post, likewise
//	kind     empty, concurrent or seconded
//	from     the first day of the post: 2024-04-01, or a time in RFC 3339
//	until    the first day after it, likewise
//
// In further rows of a person display, reading, code and state are empty or the same. An error is of kind Invalid, or
// TooLarge for more than 32 MiB, and names the file, line and column: people.csv:3:14: rank: ….
func PeopleCSV(r io.Reader, from Source) ([]Person, error) {
	var people []Person
	index := map[string]int{}
	err := table(r, from, peopleColumns, func(row row) {
		id := row.id("id")
		i, known := index[id]
		if !known {
			i = len(people)
			index[id] = i
			people = append(people, Person{ID: engawa.PersonID(id), Display: row.text("display"), Reading: row.text("reading"),
				Code: row.text("code"), State: State(row.choice("state", msgState, "", "suspended", "left"))})
		}
		p := &people[i]
		if known {
			row.same("display", p.Display)
			row.same("reading", p.Reading)
			row.same("code", p.Code)
			row.same("state", string(p.State))
		}
		if row.get("org") == "" {
			return
		}
		p.Posts = append(p.Posts, Post{Org: engawa.OrgID(row.id("org")), Title: row.text("title"), Rank: row.number("rank"),
			Head: row.yes("head"), Main: row.yes("main"),
			Kind: engawa.AffiliationKind(row.choice("kind", msgKind, "", string(engawa.Concurrent), string(engawa.Seconded))),
			From: row.time("from"), Until: row.time("until")})
	})
	if err != nil {
		return nil, err
	}
	return people, nil
}

// UnitsCSV reads units from CSV, as [PeopleCSV] does. Its columns are id and parent; a unit with several parents has a
// row for each, and one at the top leaves parent empty.
func UnitsCSV(r io.Reader, from Source) ([]Unit, error) {
	var units []Unit
	index := map[string]int{}
	err := table(r, from, unitColumns, func(row row) {
		id := row.id("id")
		i, known := index[id]
		if !known {
			i = len(units)
			index[id] = i
			units = append(units, Unit{ID: engawa.OrgID(id)})
		}
		if row.get("parent") != "" {
			units[i].Parents = append(units[i].Parents, engawa.OrgID(row.id("parent")))
		}
	})
	if err != nil {
		return nil, err
	}
	return units, nil
}

var (
	peopleColumns = []string{"id", "display", "reading", "code", "state", "org", "title", "rank", "head", "main", "kind", "from", "until"}
	unitColumns   = []string{"id", "parent"}
)

// table reads rows until one of them has an error. The first of columns is required.
func table(r io.Reader, from Source, columns []string, read func(row)) error {
	if from.Name == "" {
		from.Name = "input"
	}
	if from.Location == nil {
		from.Location = time.UTC
	}
	limited := &io.LimitedReader{R: r, N: maxInput + 1}
	c := csv.NewReader(withoutBOM(limited))
	at := map[string]int{}
	for first := true; ; first = false {
		fields, err := c.Read()
		switch {
		case limited.N <= 0:
			return &engawa.Error{Kind: engawa.TooLarge, Subject: from.Name, Message: msgInput.With(maxInput >> 20)}
		case err == io.EOF && first:
			return &engawa.Error{Kind: engawa.Invalid, Subject: from.Name, Message: msgColumn.With(columns[0])}
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(from.Name, err)
		}
		row := row{from: from, csv: c, fields: fields, at: at, err: new(error)}
		if first {
			row.header(columns)
		} else {
			read(row)
		}
		if *row.err != nil {
			return *row.err
		}
	}
}

func withoutBOM(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

func unreadable(name string, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &engawa.Error{Kind: engawa.Invalid, Subject: fmt.Sprintf("%s:%d:%d", name, parse.Line, parse.Column),
			Message: msgSyntax.With(parse.Err)}
	}
	return &engawa.Error{Kind: engawa.Unavailable, Subject: name, Err: err}
}

// row is one row. The first error of its fields stays.
type row struct {
	from   Source
	csv    *csv.Reader
	fields []string
	at     map[string]int
	err    *error
}

func (r row) header(columns []string) {
	for i, name := range r.fields {
		name = strings.TrimSpace(name)
		if !slices.Contains(columns, name) {
			r.failAt(i, name, msgUnknownColumn.With(strings.Join(columns, ", ")))
		} else if _, ok := r.at[name]; ok {
			r.failAt(i, name, msgColumnTwice)
		}
		r.at[name] = i
	}
	if _, ok := r.at[columns[0]]; !ok {
		r.failAt(0, columns[0], msgColumn.With(columns[0]))
	}
}

func (r row) failAt(i int, column string, m engawa.Message) {
	if *r.err != nil {
		return
	}
	line, col := r.csv.FieldPos(i)
	*r.err = &engawa.Error{Kind: engawa.Invalid, Subject: fmt.Sprintf("%s:%d:%d", r.from.Name, line, col),
		Fields: []engawa.Field{{Name: column, Message: m}}}
}

func (r row) fail(column string, m engawa.Message) { r.failAt(r.at[column], column, m) }

func (r row) get(column string) string {
	i, ok := r.at[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

func (r row) checked(column string, err error) {
	if err != nil {
		r.fail(column, err.(*engawa.Error).Fields[0].Message)
	}
}

func (r row) id(column string) string {
	s := r.get(column)
	r.checked(column, engawa.CheckHostID(column, s))
	return s
}

func (r row) text(column string) string {
	s := r.get(column)
	r.checked(column, engawa.CheckText(column, s, engawa.Line(maxName)))
	return s
}

func (r row) same(column, as string) {
	if s := r.get(column); s != "" && s != as {
		r.fail(column, msgDiffers)
	}
}

func (r row) choice(column string, m engawa.Message, of ...string) string {
	s := r.get(column)
	if !slices.Contains(of, s) {
		r.fail(column, m.With(s))
	}
	return s
}

func (r row) number(column string) int {
	s := r.get(column)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		r.fail(column, msgRank)
	}
	return n
}

func (r row) yes(column string) bool {
	switch strings.ToLower(r.get(column)) {
	case "1", "true":
		return true
	case "", "0", "false":
	default:
		r.fail(column, msgYesNo)
	}
	return false
}

func (r row) time(column string) time.Time {
	s := r.get(column)
	if s == "" {
		return time.Time{}
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, r.from.Location); err == nil {
		return t
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.fail(column, msgDate)
	}
	return t
}
