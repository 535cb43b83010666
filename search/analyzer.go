package search

// Field is one way in which a text is indexed.
type Field uint8

// The fields. Each holds terms of its own kind; an engine must keep them apart.
const (
	// Words (w) are content words in their folded base form.
	Words Field = iota
	// Bigrams (b) are two characters that stand side by side, and the single last one of each run.
	Bigrams
	// Pairs (s) are two content words in a row.
	Pairs
	// Readings (r) are how words with kanji are read: in hiragana, then [ReadingEnd], then the word as it can be shown, or
	// nothing. They are asked for what is typed in romaji, or in kana as a whole.
	Readings
	// Titles (t) are the words of title and space name.
	Titles
	// NumFields is how many there are.
	NumFields
)

// ReadingEnd stands in a term of [Readings] between the reading and the word.
const ReadingEnd = "\t"

var fieldNames = [NumFields]string{"w", "b", "s", "r", "t"}

// String is the field's letter, as the index has it.
func (f Field) String() string { return fieldNames[f] }

// Analyzer cuts text into terms. Package search/ja has the one for Japanese; whatever stands in an index was made by one
// analyzer of one version, and so is what is searched for. It must be safe for concurrent use.
type Analyzer interface {
	// Version names everything that decides which terms a text gives. An index of another version is rebuilt.
	Version() string
	// Analyze replaces the contents of t by the tokens of a text. It accepts any bytes.
	Analyze(t *Tokens, text string)
	// Kana are the readings that a word typed in kana or romaji may stand for, each cut into readings of words; none for
	// a word that is written otherwise.
	Kana(word string) [][]Reading
	// Key is the folded form of a text in which suggestions are compared, and Reading how it is read, in hiragana.
	Key(text string) string
	Reading(text string) string
	// With is an analyzer that knows more words.
	With(words []Word) (Analyzer, error)
}

// Reading is how a word is read.
type Reading struct {
	// Text is in hiragana, of the base form.
	Text string
	// Words are terms of [Words] that are read so, likeliest first; empty where that is not known.
	Words []string
}

// Class is what kind of word a token is.
type Class uint8

// The classes.
const (
	// Other is a content word: a verb, an adjective.
	Other Class = iota
	// Noun is a common noun.
	Noun
	// Name is a proper noun, or a word of the tenant's own.
	Name
	// Number is digits with or without a unit.
	Number
	// Foreign is a word that the dictionary does not know: katakana or Latin letters mostly.
	Foreign
	// Faint is a word that says little: する, こと, とき.
	Faint
	// Asking is a word that asks (何, 誰, どこ): what it asks for stands in a text without it.
	Asking
)

// Token is one term and where it stands in the original text.
type Token struct {
	Term string
	// Start and End are byte offsets into the text that was analysed.
	Start, End int32
	// Class is of words, and of pairs the class of the first.
	Class Class
}

// Tokens are the tokens of one text by field, in the order of the text; that of [Titles] is empty. Use it again to save
// allocation.
type Tokens struct {
	Words, Bigrams, Pairs, Readings []Token
}

// Reset empties it and keeps the memory.
func (t *Tokens) Reset() {
	t.Words, t.Bigrams, t.Pairs, t.Readings = t.Words[:0], t.Bigrams[:0], t.Pairs[:0], t.Readings[:0]
}
