package moderation

import (
	"github.com/engawa-sns/engawa/moderation/text"
)

// A Fact is one thing that a condition can ask about. The set is closed: there is no fact about who somebody is, so no policy can
// make an exception for a person or a role.
type Fact uint8

// The facts. Truth is 1 and 0.
const (
	// AuthorRank is the rank of the author; greater is more senior.
	AuthorRank Fact = iota
	// Gap is how far the author stands above the lowest of the targets; 0 where the author does not, or there is no target.
	Gap
	// TargetRank is the lowest rank among the targets.
	TargetRank
	// SameLine: the author is in the reporting line of a target.
	SameLine
	// Targets counts the persons that the host says it is about.
	Targets
	// Named: the text calls somebody by name or mention, known to the host or not.
	Named
	// Addressed: the text names somebody, says "you" (お前, 君) or has a target.
	Addressed
	// Audience is how many people can read it; 0 is unknown.
	Audience
	// Reply: it answers somebody.
	Reply
	// OffHours: it would appear outside working hours.
	OffHours
	// Hour is the local hour, 0 to 23; -1 is unknown.
	Hour
	// Repeats counts what the author wrote about the same persons in 30 days and was more than allowed.
	Repeats
	// Length is the number of characters.
	Length
	// Harm counts the places where harmful words are used in earnest.
	Harm
	// Disguised: harmful words are spaced, stretched, masked or spelt out.
	Disguised
	// Criticism counts negative remarks about work, fair as such.
	Criticism
	// Requests counts what is asked for.
	Requests
	// Thanks counts gratitude and praise.
	Thanks
	// Courtesy counts what softens.
	Courtesy
	// Quoted: harmful words are mentioned, not used.
	Quoted
	// Negated: harmful words are forbidden or denied.
	Negated
	// Self: the author speaks so of himself.
	Self
	// Reported: somebody tells what was done to him.
	Reported
	// Object: a thing is meant, not a person.
	Object
	// Score is what the classifier says, the policy's or the host's, 0 to 100; 0 without one.
	Score
	facts
)

// A factInfo says how a fact is written and spoken of.
type factInfo struct {
	name   string
	truth  bool // a yes or no
	ranked bool // grows with the author's rank
	ja, en string
}

var factTable = [facts]factInfo{
	AuthorRank: {"author_rank", false, true, "投稿者の役職", "the author's rank"},
	Gap:        {"gap", false, true, "相手との役職の差", "how far the author stands above the other"},
	TargetRank: {"target_rank", false, false, "相手の役職", "the other's rank"},
	SameLine:   {"same_line", true, false, "相手の上司である", "the author is the other's superior"},
	Targets:    {"targets", false, false, "宛先の人数", "people it is about"},
	Named:      {"named", true, false, "名前を挙げている", "somebody is named"},
	Addressed:  {"addressed", true, false, "特定の人に向けている", "somebody is addressed"},
	Audience:   {"audience", false, false, "読む人の数", "people who can read it"},
	Reply:      {"reply", true, false, "返信である", "it is a reply"},
	OffHours:   {"off_hours", true, false, "業務時間外である", "outside working hours"},
	Hour:       {"hour", false, false, "時刻", "the hour"},
	Repeats:    {"repeats", false, false, "同じ相手への30日間の指摘", "earlier cases with the same person in 30 days"},
	Length:     {"length", false, false, "文字数", "characters"},
	Harm:       {"harm", false, false, "人を傷つける表現の数", "hurtful expressions"},
	Disguised:  {"disguised", true, false, "伏せ字などで隠している", "words are disguised"},
	Criticism:  {"criticism", false, false, "否定的な指摘の数", "critical remarks"},
	Requests:   {"requests", false, false, "依頼の数", "requests"},
	Thanks:     {"thanks", false, false, "感謝の数", "thanks"},
	Courtesy:   {"courtesy", false, false, "配慮の言葉の数", "courtesies"},
	Quoted:     {"quoted", true, false, "引用である", "words are quoted"},
	Negated:    {"negated", true, false, "否定・禁止の文脈である", "words are forbidden or denied"},
	Self:       {"self", true, false, "自分のことを言っている", "about oneself"},
	Reported:   {"report", true, false, "受けた被害を伝えている", "reports what was done"},
	Object:     {"object", true, false, "物について言っている", "about a thing"},
	Score:      {"score", false, false, "分類器の点数", "the classifier's score"},
}

// String returns the name that policies use.
func (f Fact) String() string {
	if f < facts {
		return factTable[f].name
	}
	return "unknown fact"
}

// In returns what the fact is called in a language, "ja" or "en".
func (f Fact) In(lang string) string {
	if f >= facts {
		return f.String()
	}
	if lang == "ja" {
		return factTable[f].ja
	}
	return factTable[f].en
}

// IsTruth reports whether the fact is a yes or no.
func (f Fact) IsTruth() bool { return f < facts && factTable[f].truth }

// ParseFact is the reverse of String.
func ParseFact(name string) (Fact, bool) {
	for f, info := range factTable {
		if info.name == name {
			return Fact(f), true
		}
	}
	return 0, false
}

// AllFacts returns every fact, in order.
func AllFacts() []Fact {
	all := make([]Fact, facts)
	for i := range all {
		all[i] = Fact(i)
	}
	return all
}

// A Set is a set of categories of text.
type Set uint32

// SetOf returns the set of some categories.
func SetOf(categories ...text.Category) Set {
	var s Set
	for _, c := range categories {
		s |= 1 << c
	}
	return s
}

// Has reports whether the set holds a category.
func (s Set) Has(c text.Category) bool { return s>>c&1 != 0 }

// Facts are what a policy decides on: numbers, and which categories were found. They hold no word of the text, so they can be stored
// with a decision and judged again later.
type Facts struct {
	Values [facts]int32
	// Space is where it would appear.
	Space Space
	// Hit is what was found in earnest, Touched what was found in any light.
	Hit, Touched Set
	// Spans are the places, in bytes of the text.
	Spans []Span
}

// Get returns the value of a fact.
func (f *Facts) Get(fact Fact) int { return int(f.Values[fact]) }

// A Span is a place in the author's own text.
type Span struct {
	// Start and End are bytes.
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Category string `json:"category"`
	// Excused says that the words stand in a light in which they do not count, such as a quotation.
	Excused bool `json:"excused,omitempty"`
}
