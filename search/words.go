package search

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Limits of words, beside [MaxWords].
const (
	MaxWordText    = 150 // bytes
	MaxWordReading = 300 // bytes
)

// TaughtWord is a word of the user dictionary (ユーザー辞書) as it is kept.
type TaughtWord struct {
	ID engawa.ID
	Word
	// By is who taught it; empty for [engawa.System] and for those who left. At is when.
	By engawa.PersonID
	At time.Time
}

// NewWord is a word to be taught.
type NewWord struct {
	Text string `validate:"required,line=150"`
	// Reading is in kana. Defaults to none: then the word is not found by how it is read.
	Reading string `validate:"line=300"`
}

// PutWord teaches a word that the analysis must not cut, or another reading of one. Words of one character, and those that
// do not begin with a Japanese character, are whole already and change nothing.
//
// The index knows a new word only once it was built anew: [Service.State] says so in its Rebuild, and until
// [Service.Repair] was called, documents that come in wait. So teach many at once, with [Service.ImportWords]. Only
// stewards may.
func (s *Service) PutWord(ctx context.Context, by engawa.Actor, in NewWord) (word TaughtWord, err error) {
	ctx, o, err := s.beginKept(ctx, "search.PutWord", by, stewards)
	defer o.done(&err)
	if err != nil {
		return TaughtWord{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return TaughtWord{}, err
	}
	word.Word, err = newWord(in.Text, in.Reading)
	if err != nil {
		return TaughtWord{}, err
	}
	err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		put, _, err := s.putWords(ctx, st, by, []Word{word.Word})
		if err != nil {
			return err
		}
		if len(put) == 0 {
			there, err := st.WordsNamed(ctx, by.Tenant, []string{word.Text})
			if err == nil && len(there) > 0 {
				word = there[0]
			}
			return err
		}
		word = put[0]
		return s.taught(ctx, st, by, word.At, tell(by, event.WordsPut, tenantRef, word.At).With(event.Taught{ID: word.ID}))
	})
	if err != nil {
		return TaughtWord{}, err
	}
	return word, nil
}

// DropWord takes a word back; see [Service.PutWord] for what the index needs then. Only stewards may.
func (s *Service) DropWord(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.DropWord", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.drop(ctx, by, event.WordsDropped, "word", id, Store.DropWord)
}

// Words are the tenant's words, oldest first. Only stewards may see them.
func (s *Service) Words(ctx context.Context, by engawa.Actor, w ListWindow) (page engawa.Page[TaughtWord], err error) {
	ctx, o, err := s.beginKept(ctx, "search.Words", by, stewards)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	return pageByID(by, o.name, w, func(w TaughtWord) engawa.ID { return w.ID }, func(after engawa.ID, limit int) ([]TaughtWord, error) {
		return s.cfg.Store.WordsAfter(ctx, by.Tenant, after, limit)
	})
}

// ImportWords takes in a list of words as comma-separated lines in UTF-8, in any of three forms, line by line:
//
//	縁側商事,エンガワショウジ                                      the word and its reading, which may be left out
//	縁側商事,縁側 商事,エンガワ ショウジ,カスタム名詞              a simple user dictionary of kagome or Kuromoji
//	縁側商事,1288,1288,5000,名詞,固有名詞,組織,*,*,*,縁側商事,エンガワショウジ,エンガワショージ    one of MeCab
//
// Lines that begin with # are comments, and a first line with the names of the columns is passed over. All of it is taken
// in or nothing; an error names the lines. It can be repeated: words that are there stay, and get the reading of the list,
// if it has one. Only stewards may.
func (s *Service) ImportWords(ctx context.Context, by engawa.Actor, list io.Reader) (done Imported, err error) {
	ctx, o, err := s.beginKept(ctx, "search.ImportWords", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Imported{}, err
	}
	words, err := readWords(list)
	if err != nil {
		return Imported{}, err
	}
	err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		put, added, err := s.putWords(ctx, st, by, words)
		if err != nil {
			return err
		}
		done = Imported{Added: added, Changed: len(put) - added, Kept: len(words) - len(put)}
		if len(put) == 0 {
			return nil
		}
		return s.taught(ctx, st, by, put[0].At, tell(by, event.WordsImported, tenantRef, put[0].At).With(event.Count{N: len(put)}))
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// putWords puts those words that are new or get another reading, and reports how many are new.
func (s *Service) putWords(ctx context.Context, st Store, by engawa.Actor, words []Word) (put []TaughtWord, added int, err error) {
	_, n, err := st.LockTaught(ctx, by.Tenant)
	if err != nil {
		return nil, 0, err
	}
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	there, err := st.WordsNamed(ctx, by.Tenant, texts)
	if err != nil {
		return nil, 0, err
	}
	known := map[string]TaughtWord{}
	for _, w := range there {
		known[w.Text] = w
	}
	at := s.now()
	for _, w := range words {
		old, ok := known[w.Text]
		switch {
		case !ok:
			old.ID = s.ids.Next()
			added++
		case w.Reading == "" || w.Reading == old.Reading:
			continue
		}
		put = append(put, TaughtWord{ID: old.ID, Word: w, By: by.Person, At: at})
	}
	if n+added > MaxWords {
		return nil, 0, tooLarge("", msgTooManyTaught.With(n+added, MaxWords))
	}
	if len(put) == 0 {
		return nil, 0, nil
	}
	return put, added, st.PutWords(ctx, by.Tenant, put...)
}

// newWord makes a word, or says what is wrong with it.
func newWord(text, reading string) (Word, error) {
	text = strings.TrimFunc(text, unicode.IsSpace)
	reading = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, reading)
	if err := engawa.CheckText("Text", text, engawa.Line(MaxWordText)); err != nil {
		return Word{}, err
	}
	if !speaks(text) {
		return Word{}, invalid("Text", msgBlankWord.With(text))
	}
	if err := engawa.CheckText("Reading", reading, engawa.Line(MaxWordReading)); err != nil {
		return Word{}, err
	}
	if !inKana(reading) {
		return Word{}, invalid("Reading", msgReading.With(reading))
	}
	return Word{Text: text, Reading: reading}, nil
}

// inKana reports whether a reading is written in hiragana or katakana of any width.
func inKana(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.Hiragana, unicode.Katakana) && !strings.ContainsRune("ー・ｰ･ﾞﾟ゛゜=＝", r)
	})
}
