package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Limits of synonyms, beside [MaxSynonyms] and [MaxExpansions].
const (
	// MaxSynonymWord is how many bytes one side's word may have, blanks included.
	MaxSynonymWord = 200
	// MaxSynonymSide is how many words one side of a group may have.
	MaxSynonymSide = 32
)

// SynonymGroup is a group of synonyms as it is kept.
type SynonymGroup struct {
	ID engawa.ID
	Synonyms
	// Form is a digest of the folded words, 64 hexadecimal digits: two groups of one form say the same.
	Form string
	// By is who taught it; empty for [engawa.System] and for those who left. At is when.
	By engawa.PersonID
	At time.Time
}

// NewSynonyms is a group of synonyms to be taught.
type NewSynonyms struct {
	// ID is that of the group that is changed. Defaults to a new one.
	ID engawa.ID
	// From and To are as in [Synonyms]. Where To is empty, the words of From mean the same.
	From []string `validate:"min=1,max=32,dive,line=200"`
	To   []string `validate:"max=32,dive,line=200"`
}

// PutSynonyms teaches synonyms (同義語), or changes a group: who searches for one word finds the others, at once and without
// a new index. To teach what is there already changes nothing. Words that a search takes for the same anyway, such as ｻｰﾊﾞ
// and サーバ, count as one. Only stewards may.
func (s *Service) PutSynonyms(ctx context.Context, by engawa.Actor, in NewSynonyms) (group SynonymGroup, err error) {
	ctx, o, err := s.beginKept(ctx, "search.PutSynonyms", by, stewards)
	defer o.done(&err)
	if err != nil {
		return SynonymGroup{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return SynonymGroup{}, err
	}
	group, sensible, err := s.group(in.From, in.To)
	if err != nil {
		return SynonymGroup{}, err
	}
	if !sensible {
		return SynonymGroup{}, invalid("From", sameWords(in.From, in.To))
	}
	group.ID, group.By = in.ID, by.Person
	err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		n, _, err := st.LockTaught(ctx, by.Tenant)
		if err != nil {
			return err
		}
		same, err := st.SynonymsFormed(ctx, by.Tenant, []string{group.Form})
		if err != nil {
			return err
		}
		switch {
		case in.ID == 0 && len(same) > 0:
			group = same[0]
			return nil
		case in.ID == 0 && n >= MaxSynonyms:
			return tooLarge("", msgTooManySynonyms.With(n+1, MaxSynonyms))
		case in.ID == 0:
			group.ID = s.ids.Next()
		case len(same) > 0 && same[0].ID != in.ID:
			return &engawa.Error{Kind: engawa.Conflict, Subject: "synonyms " + same[0].ID.String(), Message: msgSynonymThere}
		default:
			old, err := st.SynonymsAfter(ctx, by.Tenant, in.ID-1, 1)
			if err != nil {
				return err
			}
			if len(old) == 0 || old[0].ID != in.ID {
				return notFound("synonyms " + in.ID.String())
			}
			if slices.Equal(old[0].From, group.From) && slices.Equal(old[0].To, group.To) {
				group = old[0]
				return nil
			}
		}
		group.At = s.now()
		if err := st.PutSynonyms(ctx, by.Tenant, group); err != nil {
			return err
		}
		return s.taught(ctx, st, by, group.At, tell(by, event.SynonymsPut, tenantRef, group.At).With(event.Taught{ID: group.ID}))
	})
	if err != nil {
		return SynonymGroup{}, err
	}
	return group, nil
}

// DropSynonyms takes a group back. Only stewards may.
func (s *Service) DropSynonyms(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.DropSynonyms", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.drop(ctx, by, event.SynonymsDropped, "synonyms", id, Store.DropSynonyms)
}

// Synonyms are the tenant's groups, oldest first. Only stewards may see them: they tell what a company is at work on.
func (s *Service) Synonyms(ctx context.Context, by engawa.Actor, w ListWindow) (page engawa.Page[SynonymGroup], err error) {
	ctx, o, err := s.beginKept(ctx, "search.Synonyms", by, stewards)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	return pageByID(by, o.name, w, func(g SynonymGroup) engawa.ID { return g.ID }, func(after engawa.ID, limit int) ([]SynonymGroup, error) {
		return s.cfg.Store.SynonymsAfter(ctx, by.Tenant, after, limit)
	})
}

// ImportSynonyms takes in a list of synonyms in the lines that Solr, Elasticsearch and OpenSearch read, as UTF-8:
//
//	# a comment
//	年休, 年次有給休暇, 有給         these mean the same
//	PC, パソコン => 情報端末         who searches for one of the left finds the right as well
//	1\,000円カット, 千円カット       a comma, an arrow or a backslash in a word is escaped
//
// All of it is taken in or nothing; an error names the lines. Groups that are there already stay as they are, so that an
// import can be repeated. It differs from Solr in two ways: a word of the left is still searched for itself, and groups
// are not merged. Only stewards may.
func (s *Service) ImportSynonyms(ctx context.Context, by engawa.Actor, list io.Reader) (done Imported, err error) {
	ctx, o, err := s.beginKept(ctx, "search.ImportSynonyms", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Imported{}, err
	}
	lines, err := readSynonyms(list)
	if err != nil {
		return Imported{}, err
	}
	var wrong wrongLines
	var groups []SynonymGroup
	skipped := 0
	seen := map[string]bool{}
	for _, l := range lines {
		g, sensible, err := s.group(l.from, l.to)
		if err == nil {
			err = l.err
		}
		wrong.add(l.line, err)
		switch {
		case err != nil:
		case !sensible:
			skipped++
		case !seen[g.Form]:
			seen[g.Form] = true
			groups = append(groups, g)
		}
	}
	if err := wrong.err(); err != nil {
		return Imported{}, err
	}
	err = s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		done = Imported{Skipped: skipped}
		n, _, err := st.LockTaught(ctx, by.Tenant)
		if err != nil {
			return err
		}
		forms := make([]string, len(groups))
		for i, g := range groups {
			forms[i] = g.Form
		}
		there, err := st.SynonymsFormed(ctx, by.Tenant, forms)
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, g := range there {
			known[g.Form] = true
		}
		at := s.now()
		var fresh []SynonymGroup
		for _, g := range groups {
			if known[g.Form] {
				done.Kept++
				continue
			}
			g.ID, g.By, g.At = s.ids.Next(), by.Person, at
			fresh = append(fresh, g)
		}
		if n+len(fresh) > MaxSynonyms {
			return tooLarge("", msgTooManySynonyms.With(n+len(fresh), MaxSynonyms))
		}
		if done.Added = len(fresh); done.Added == 0 {
			return nil
		}
		if err := st.PutSynonyms(ctx, by.Tenant, fresh...); err != nil {
			return err
		}
		return s.taught(ctx, st, by, at, tell(by, event.SynonymsImported, tenantRef, at).With(event.Count{N: done.Added}))
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// taught gives the dictionary another version and tells of the change.
func (s *Service) taught(ctx context.Context, st Store, by engawa.Actor, at time.Time, e event.Event) error {
	if err := st.Renew(ctx, by.Tenant, at); err != nil {
		return err
	}
	return st.Append(ctx, e)
}

// drop deletes something that was taught.
func (s *Service) drop(ctx context.Context, by engawa.Actor, verb event.Verb, what string, id engawa.ID, drop func(Store, context.Context, engawa.TenantID, engawa.ID) (bool, error)) error {
	return s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if _, _, err := st.LockTaught(ctx, by.Tenant); err != nil {
			return err
		}
		found, err := drop(st, ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if !found {
			return notFound(what + " " + id.String())
		}
		at := s.now()
		return s.taught(ctx, st, by, at, tell(by, verb, tenantRef, at).With(event.Taught{ID: id}))
	})
}

// group makes a group of words. It is not sensible if it says nothing that a search does not do by itself.
func (s *Service) group(from, to []string) (g SynonymGroup, sensible bool, err error) {
	equal := len(to) == 0
	fromKeys, from, err := s.side("From", from)
	if err != nil {
		return g, false, err
	}
	toKeys, to, err := s.side("To", to)
	if err != nil {
		return g, false, err
	}
	if equal {
		to, toKeys = from, fromKeys
	}
	most := 0
	for _, f := range fromKeys {
		n := 0
		for _, t := range toKeys {
			if t != f {
				n++
			}
		}
		most = max(most, n)
	}
	if most > MaxExpansions {
		field, allowed := "To", MaxExpansions
		if equal {
			field, allowed = "From", MaxExpansions+1
		}
		return g, false, tooLarge(field, msgTooManyWords.With(len(to), allowed))
	}
	g.From, g.To = from, to
	g.Form = form(fromKeys, toKeys)
	return g, most > 0, nil
}

// side is the words of one side without those that are the same to a search, and their keys.
func (s *Service) side(field string, words []string) (keys, kept []string, err error) {
	if len(words) > MaxSynonymSide {
		return nil, nil, tooLarge(field, msgTooManyWords.With(len(words), MaxSynonymSide))
	}
	for _, w := range words {
		w = strings.TrimFunc(w, unicode.IsSpace)
		if err := engawa.CheckText(field, w, engawa.Line(MaxSynonymWord)); err != nil {
			return nil, nil, err
		}
		key := s.cfg.Analyzer.Key(w)
		if !speaks(w) || key == "" {
			return nil, nil, invalid(field, msgBlankWord.With(w))
		}
		if !slices.Contains(keys, key) {
			keys, kept = append(keys, key), append(kept, w)
		}
	}
	return keys, kept, nil
}

// speaks reports whether there is anything in a text that can be searched for.
func speaks(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// form is the digest of the two sides' keys, in any order.
func form(from, to []string) string {
	h := sha256.New()
	for _, side := range [][]string{from, to} {
		for _, key := range slices.Sorted(slices.Values(side)) {
			h.Write([]byte(key + "\x00"))
		}
		h.Write([]byte{1})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sameWords says why a group is not sensible.
func sameWords(from, to []string) engawa.Message {
	if all := slices.Concat(from, to); len(all) > 1 {
		return msgSameWord.With(all[0], all[1])
	}
	return msgOneWord
}
