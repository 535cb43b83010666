package text

import "fmt"

// A Category says what a place in a text is about. The set is closed: policies refer to it by name and may add words to it, but
// not categories. Those up to Sexual are about harm; the rest are about context and never count against anybody by themselves.
type Category uint8

const (
	// None is no category.
	None Category = iota
	// Insult is a word of abuse (罵倒語): バカ, 無能, クズ.
	Insult
	// Ability denies somebody's ability or worth at work (能力否定): 給料泥棒, 小学生でもできる.
	Ability
	// Attack is about somebody's character, upbringing, looks or family (人格否定).
	Attack
	// Blame puts a failure on one person (糾弾): お前のせいで, 責任を取れ, 反面教師にしろ.
	Blame
	// Threat announces a disadvantage or violence (脅し): 首にするぞ, 夜道に気をつけろ.
	Threat
	// Exclusion tells somebody to go, or others to leave somebody out (仲間外し).
	Exclusion
	// Privacy asks after or spreads what is nobody's business at work (プライバシー侵害).
	Privacy
	// Discrimination judges by sex, age, origin, family, illness (差別・属性への偏見).
	Discrimination
	// Sarcasm hurts under cover of praise or a question (皮肉・嫌味).
	Sarcasm
	// Coercion demands what nobody may demand (強要): answers at night, forced reactions, unpaid work.
	Coercion
	// Slander spreads rumours of misdeeds (誹謗・風説).
	Slander
	// Sexual is sexual vocabulary and remarks (性的).
	Sexual
	// Company is for a company's own words; nothing is built in.
	Company
	// Criticism is a negative remark about work or its result, fair as such (批判). It matters only together with who says it of whom
	// before whom.
	Criticism
	// Request asks somebody to do something (依頼・指示).
	Request
	// Thanks is gratitude or praise (感謝・賞賛).
	Thanks
	// Courtesy softens: 一緒に, お願いできますか (配慮).
	Courtesy

	// The following are cues to context; see Context.
	you
	name
	self
	quoted
	prohibited
	victim
	object
	denied
	reported
	telling
	denying
	categories
)

var names = [categories]string{
	"none", "insult", "ability", "attack", "blame", "threat", "exclusion", "privacy", "discrimination", "sarcasm", "coercion",
	"slander", "sexual", "company", "criticism", "request", "thanks", "courtesy",
	"you", "name", "self", "quoted", "prohibited", "victim", "object", "denied", "reported", "telling", "denying",
}

// String returns the name that policies use.
func (c Category) String() string {
	if c < categories {
		return names[c]
	}
	return fmt.Sprintf("category %d", uint8(c))
}

// Harmful reports whether the category is one of harm.
func (c Category) Harmful() bool { return c > None && c <= Company }

// Categories returns the categories that a policy can refer to, in order.
func Categories() []Category {
	all := make([]Category, 0, Courtesy)
	for c := Insult; c <= Courtesy; c++ {
		all = append(all, c)
	}
	return all
}

// ParseCategory is the reverse of String, for the categories that a policy can refer to.
func ParseCategory(s string) (Category, bool) {
	for c := Insult; c <= Courtesy; c++ {
		if names[c] == s {
			return c, true
		}
	}
	return None, false
}

// A Level says how far a word may be disguised and still be found. Each level includes the ones before it.
type Level uint8

const (
	// Strict finds the word in any width and case.
	Strict Level = iota
	// Kana also finds it in the other kana: バカ, ばか.
	Kana
	// Spaced also finds it with separators, stretching and repetition: バ・カ, ばーーか, ばかぁぁ.
	Spaced
	// Masked also finds it with a character hidden (バ○), with look-alikes (バ力, タヒね), in romaji and in leet (s1ne).
	Masked
)

var levels = [...]string{"strict", "kana", "spaced", "masked"}

// String returns the name that lexicons and policies use.
func (l Level) String() string { return levels[min(int(l), len(levels)-1)] }

// ParseLevel is the reverse of String.
func ParseLevel(s string) (Level, bool) {
	for i, name := range levels {
		if name == s {
			return Level(i), true
		}
	}
	return 0, false
}

// Context says in what light a hit stands. Each is a fact beside the hit, so a policy decides what it is worth.
type Context uint8

const (
	// Quoted: the words are mentioned, not used: 「バカ」と言うのは…, 無能という言葉.
	Quoted Context = 1 << iota
	// Negated: the sentence forbids or denies it: 使わないでください, バカではない.
	Negated
	// Self: the author speaks of himself: 私が無能で.
	Self
	// Report: somebody tells what was done to him: 死ねと書かれた, 怒鳴られました.
	Report
	// Praise: the word only strengthens praise: 変態的に細かいテストで感動しました.
	Praise
	// Object: a thing is meant, not a person: エクセルがまた死んだ.
	Object
)
