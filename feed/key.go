package feed

import (
	"slices"

	"github.com/engawa-sns/engawa"
)

// Key (閲覧条件) lets people into a space. A space has a list of keys, and one that fits is enough.
type Key struct {
	Kind   KeyKind         `json:"kind" validate:"required,oneof=everyone org org_below rank role person"`
	Org    engawa.OrgID    `json:"org,omitempty"`
	Rank   int             `json:"rank,omitempty"`
	Role   engawa.Role     `json:"role,omitempty"`
	Person engawa.PersonID `json:"person,omitempty"`
}

// KeyKind is what a [Key] asks for.
type KeyKind string

// The kinds of keys.
const (
	KeyEveryone KeyKind = "everyone"
	KeyOrg      KeyKind = "org"
	KeyOrgBelow KeyKind = "org_below"
	KeyRank     KeyKind = "rank"
	KeyRole     KeyKind = "role"
	KeyPerson   KeyKind = "person"
)

// Everyone lets in every person of the tenant.
func Everyone() Key { return Key{Kind: KeyEveryone} }

// InOrg lets in those who are affiliated with the unit itself.
func InOrg(org engawa.OrgID) Key { return Key{Kind: KeyOrg, Org: org} }

// InOrgOrBelow lets in those who are affiliated with the unit or one below it. It needs a Directory that is an
// [engawa.Ancestry]; with another it is the same as [InOrg].
func InOrgOrBelow(org engawa.OrgID) Key { return Key{Kind: KeyOrgBelow, Org: org} }

// RankFrom lets in those whose highest rank is at least rank.
func RankFrom(rank int) Key { return Key{Kind: KeyRank, Rank: rank} }

// WithRole lets in those who hold the role in the request.
func WithRole(role engawa.Role) Key { return Key{Kind: KeyRole, Role: role} }

// ThisPerson lets in one person.
func ThisPerson(person engawa.PersonID) Key { return Key{Kind: KeyPerson, Person: person} }

// check refuses a key whose value does not fit its kind.
func (k Key) check() error {
	var value string
	switch k.Kind {
	case KeyOrg, KeyOrgBelow:
		value = string(k.Org)
	case KeyRole:
		value = string(k.Role)
	case KeyPerson:
		value = string(k.Person)
	default:
		return nil
	}
	return engawa.CheckHostID("Access", value)
}

// keyring is what a reader holds, from the Directory's answer of this very request.
type keyring struct {
	by       engawa.Actor
	standing engawa.Standing
}

// fits reports whether the reader holds the key.
func (r keyring) fits(k Key) bool {
	switch k.Kind {
	case KeyEveryone:
		return true
	case KeyOrg:
		_, in := slices.BinarySearch(r.standing.Orgs, k.Org)
		return in
	case KeyOrgBelow:
		_, in := slices.BinarySearch(r.standing.Orgs, k.Org)
		if !in {
			_, in = slices.BinarySearch(r.standing.Above, k.Org)
		}
		return in
	case KeyRank:
		return r.standing.Rank >= k.Rank
	case KeyRole:
		return r.by.Has(k.Role)
	case KeyPerson:
		return r.by.Person == k.Person
	}
	return false
}

func (r keyring) fitsAny(keys []Key) bool { return slices.ContainsFunc(keys, r.fits) }
