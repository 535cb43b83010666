package search

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// headers are what the first column of a list may be called.
var headers = []string{"surface", "text", "word", "表層形", "見出し", "見出し語", "単語", "語", "表記"}

// mecabReading is the column of a reading in a row of MeCab's, whose second to fourth columns are numbers.
const mecabReading = 11

// readWords reads a list of words: each once, with its last reading.
func readWords(list io.Reader) ([]Word, error) {
	text, err := readImport(list)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord, r.LazyQuotes = '#', -1, true
	var wrong wrongLines
	var words []Word
	index := map[string]int{}
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			if e := (*csv.ParseError)(nil); errors.As(err, &e) {
				line, err = e.Line, e.Err
			}
			wrong.add(line, err)
			break // where the next line begins is not known
		}
		line, _ := r.FieldPos(0)
		if len(wrong.fields) >= maxWrongLines || first && slices.Contains(headers, strings.ToLower(strings.TrimSpace(row[0]))) {
			continue
		}
		if blankRow(row) {
			continue
		}
		w, err := wordOf(row)
		wrong.add(line, err)
		if err != nil {
			continue
		}
		if i, ok := index[w.Text]; ok {
			if w.Reading != "" {
				words[i].Reading = w.Reading
			}
			continue
		}
		index[w.Text] = len(words)
		words = append(words, w)
	}
	return words, wrong.err()
}

func blankRow(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// wordOf reads a row of any of the three forms.
func wordOf(row []string) (Word, error) {
	for _, f := range row {
		if !utf8.ValidString(f) {
			return Word{}, engawa.CheckText("", f, engawa.Line(len(f)))
		}
	}
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	reading := ""
	switch {
	case len(row) >= 5 && mecabNumber(row[1]) && mecabNumber(row[2]) && mecabNumber(row[3]):
		if len(row) > mecabReading && row[mecabReading] != "*" {
			reading = row[mecabReading]
		}
	case len(row) >= 3 && row[1] != "" && squash(row[1]) == squash(row[0]) && inKana(squash(row[2])):
		reading = row[2]
	case len(row) >= 2:
		reading = row[1]
	}
	return newWord(row[0], reading)
}

// mecabNumber reports a cost or a number of context, which MeCab lets be empty.
func mecabNumber(s string) bool {
	if s == "" {
		return true
	}
	_, err := strconv.Atoi(s)
	return err == nil
}
