package sqldirectory

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Affiliations implements [engawa.Directory].
func (t *tables) Affiliations(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	q := t.affiliations
	values := t.when(tenant, at)
	values["person"] = string(person)
	known := false
	var out []engawa.Affiliation
	err := t.rows(ctx, q, values, columns{[]string{"org", "title", "rank", "head", "main", "kind", "person"}, 1}, func(r row) error {
		if r.other("person", string(person)) {
			return nil
		}
		known = true
		if !r["org"].Valid {
			return nil
		}
		a := engawa.Affiliation{
			Org: engawa.OrgID(r["org"].String), Title: r["title"].String, Kind: engawa.AffiliationKind(r["kind"].String),
			Head: yes(r["head"].String), Main: yes(r["main"].String),
		}
		switch a.Kind {
		case engawa.Regular, engawa.Concurrent, engawa.Seconded:
		default:
			return q.unavailable(msgKind.With(a.Kind), nil)
		}
		if rank := r["rank"]; rank.Valid {
			n, err := strconv.Atoi(rank.String)
			if err != nil {
				return q.unavailable(msgQuery, err)
			}
			if n < 0 {
				return q.unavailable(msgRank.With(n), nil)
			}
			a.Rank = n
		}
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, engawa.ErrUnknownPerson
	}
	return out, nil
}

// yes reads what databases have for true.
func yes(s string) bool {
	switch strings.ToLower(s) {
	case "", "0", "f", "false", "n", "no", "\x00":
		return false
	}
	return true
}

// when are the parameters of a query that asks about a time.
func (t *tables) when(tenant engawa.TenantID, at time.Time) args {
	at = engawa.Micro(at)
	return args{"tenant": string(tenant), "at": at, "unix": at.Unix(), "date": at.In(t.location).Format(time.DateOnly)}
}
