package search

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/engawa-sns/engawa"
)

// Limits of the log of what was asked in vain. Between two flushes a process remembers so many queries, each of so many
// people; what comes on top is forgotten.
const (
	maxVain       = 1000
	maxVainAskers = 64
	// MaxGapText is how many bytes a query may have to be logged, and maxGapWords how many words: longer ones are texts,
	// not questions that others ask as well.
	MaxGapText  = 120
	maxGapWords = 8
	// maxDigits is how many digits a logged query may have in a row, signs between them or not: a year and a month, no
	// telephone number, card number or number of an employee.
	maxDigits = 6
)

// GapRules say how the log of what was asked in vain is kept.
type GapRules struct {
	// People is how many different people must have asked for the same within one month before its text is kept and
	// shown. Defaults to 3; less than 2 is refused.
	People int
	// Days is how long it is kept. Defaults to 180.
	Days int
	// Key is a secret of the host's, of at least 32 bytes, under which queries and askers are turned into digests. It
	// must be the same on every node and should not be kept with the database. Defaults to none: then whoever reads the
	// database can try out whether a given query was asked, and in the running month whether a given person asked it.
	Key []byte
}

func (r *GapRules) complete() error {
	if r.People == 0 {
		r.People = 3
	}
	if r.Days == 0 {
		r.Days = 180
	}
	switch {
	case r.People < 2:
		return errors.New("search.New: Gaps.People must be 2 at least: what one person asked is theirs")
	case r.Days < 1:
		return errors.New("search.New: Gaps.Days must be positive")
	case len(r.Key) > 0 && len(r.Key) < 32:
		return errors.New("search.New: Gaps.Key is too short: use 32 random bytes or more")
	}
	return nil
}

// vainLog is what was asked in vain since the last flush. It is in memory only.
type vainLog struct {
	mu      sync.Mutex
	queries map[vainKey]*vain
}

type vainKey struct {
	tenant engawa.TenantID
	key    string
}

type vain struct {
	text   string
	at     time.Time
	n      int
	askers []engawa.PersonID
}

func newVainLog() *vainLog { return &vainLog{queries: map[vainKey]*vain{}} }

// add counts one query; it never waits for anything but another one that is counted.
func (l *vainLog) add(key vainKey, text string, person engawa.PersonID, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.queries[key]
	if v == nil {
		if len(l.queries) >= maxVain {
			return
		}
		v = &vain{}
		l.queries[key] = v
	}
	v.n++
	v.text, v.at = text, at
	if len(v.askers) < maxVainAskers && !slices.Contains(v.askers, person) {
		v.askers = append(v.askers, person)
	}
}

// take empties the log.
func (l *vainLog) take() map[vainKey]*vain {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.queries
	l.queries = map[vainKey]*vain{}
	return taken
}

// back puts something back that could not be written, if there is room.
func (l *vainLog) back(key vainKey, old *vain) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.queries[key]
	switch {
	case v == nil && len(l.queries) < maxVain:
		l.queries[key] = old
	case v != nil:
		v.n += old.n
		for _, p := range old.askers {
			if len(v.askers) < maxVainAskers && !slices.Contains(v.askers, p) {
				v.askers = append(v.askers, p)
			}
		}
	}
}

// forget takes a person out.
func (l *vainLog) forget(tenant engawa.TenantID, person engawa.PersonID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, v := range l.queries {
		if key.tenant != tenant {
			continue
		}
		v.askers = slices.DeleteFunc(v.askers, func(p engawa.PersonID) bool { return p == person })
		if len(v.askers) == 0 {
			delete(l.queries, key) // it was theirs alone
		}
	}
}

// noteVain remembers the first page of a search that found nothing. It takes no lock but the log's and fails nothing.
func (s *Service) noteVain(by engawa.Actor, ask Ask, answer Answer, err error) {
	if s.vain == nil || err != nil || by.IsSystem() || ask.Cursor != "" || answer.Total > 0 || len(answer.Items) > 0 || len(answer.Corrected) > 0 {
		return
	}
	key, text, ok := s.vainText(ask, answer.Query)
	if ok {
		s.vain.add(vainKey{by.Tenant, key}, text, by.Person, s.now())
	}
}

// vainText is the folded form of a query, its words in order of the alphabet and each once, so that 「社食 予約」 and 「予約
// 社食」 are one; and how it was typed. It is false for what is not logged: queries narrowed down by operators, filters or
// -words, which tell nothing about what there is; long ones; and those that may hold personal data.
func (s *Service) vainText(ask Ask, q Query) (key, text string, ok bool) {
	f := ask.Filter
	narrow := len(q.From)+len(q.In)+len(q.Tags)+len(q.Kinds)+len(f.Scopes)+len(f.Authors)+len(f.Kinds)+len(f.Tags)+len(f.Exclude) > 0 ||
		!q.After.IsZero() || !q.Before.IsZero() || q.Answered != Either || !f.After.IsZero() || !f.Before.IsZero() || f.Answered != Either
	if narrow || len(q.Words) == 0 || len(q.Words) > maxGapWords {
		return "", "", false
	}
	var keys, typed []string
	for _, w := range q.Words {
		if w.Not || len(w.Text) > MaxGapText {
			return "", "", false
		}
		typed = append(typed, w.Text)
		if k := s.cfg.Analyzer.Key(w.Text); k != "" && speaks(k) && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	text = strings.Join(typed, " ")
	slices.Sort(keys)
	key = strings.Join(keys, " ")
	if key == "" || len(text) > MaxGapText || personal(text) || personal(key) {
		return "", "", false
	}
	return key, text, true
}

// personal reports whether a query looks as if it held personal data: a mail address, or a long row of digits.
func personal(text string) bool {
	if strings.ContainsAny(text, "@＠﹫") {
		return true
	}
	digits := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r) || unicode.IsNumber(r):
			if digits++; digits > maxDigits {
				return true
			}
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r), r == 'ー':
		default:
			digits = 0
		}
	}
	return false
}

// FlushGaps writes down what this process has seen asked in vain since the last call: call it every few seconds or minutes,
// on every node, and when the process ends. Searches themselves write nothing, so none becomes slower and none fails; what
// was asked since the last flush is lost in a crash.
func (s *Service) FlushGaps(ctx context.Context) error {
	const op = "search.FlushGaps"
	if s.cfg.Store == nil {
		return &engawa.Error{Op: op, Kind: engawa.Unavailable, Message: msgNoStore}
	}
	byTenant := map[engawa.TenantID]map[vainKey]*vain{}
	for key, v := range s.vain.take() {
		if byTenant[key.tenant] == nil {
			byTenant[key.tenant] = map[vainKey]*vain{}
		}
		byTenant[key.tenant][key] = v
	}
	var failed error
	for tenant, queries := range byTenant {
		if err := s.flush(ctx, tenant, queries); err != nil {
			failed = errors.Join(failed, err)
			for key, v := range queries {
				s.vain.back(key, v)
			}
		}
	}
	return engawa.Wrap(op, failed)
}

func (s *Service) flush(ctx context.Context, tenant engawa.TenantID, queries map[vainKey]*vain) error {
	now := s.now().In(s.cfg.Zone(tenant))
	month := monthOf(now)
	var all []Asked
	err := s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		salts, err := st.GapSalts(ctx, tenant)
		if err != nil {
			return err
		}
		if salts[month] == "" {
			if err := st.KeepGapSalt(ctx, tenant, month, rand.Text()+rand.Text()); err != nil {
				return err
			}
			if salts, err = st.GapSalts(ctx, tenant); err != nil {
				return err
			}
		}
		all = all[:0]
		for key, v := range queries {
			a := Asked{
				ID: s.ids.Next(), Key: s.gapKey(tenant, key.key), Day: dayOf(v.at.In(s.cfg.Zone(tenant))), Month: month, N: v.n, At: v.at, Text: v.text, Least: s.cfg.Gaps.People,
			}
			for _, p := range v.askers {
				a.Askers = append(a.Askers, s.asker(salts[month], a.Key, p))
			}
			all = append(all, a)
		}
		slices.SortFunc(all, func(a, b Asked) int { return strings.Compare(a.Key, b.Key) }) // every node locks them in one order
		for _, a := range all {
			if err := st.CountGap(ctx, tenant, a); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// gapKey is the digest of a folded query. It stays the same for as long as Gaps.Key does.
func (s *Service) gapKey(tenant engawa.TenantID, key string) string {
	return s.digest("gap", string(tenant), key)
}

// asker is the mark of somebody who asked for a gap in the month of the salt. It tells apart who asked for one gap, links
// nobody's questions with one another, and once the salt is deleted nobody can tell any more whose it was.
func (s *Service) asker(salt, gap string, person engawa.PersonID) string {
	return s.digest("asker", salt, gap, string(person))
}

func (s *Service) digest(parts ...string) string {
	h := hmac.New(sha256.New, s.cfg.Gaps.Key)
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
