// Package fold makes two spellings of the same Japanese word equal and remembers where each character came from.
//
// People write ﾊﾞｶ, バカ, ばか and ﾊﾞ ｶ and mean one word. Search has to find all of them, moderation has to see all of them, and
// both must mark the place in the text as its author wrote it. A [Folder] does the whole job in one pass over the bytes: width,
// case and compatibility forms (exactly NFKC followed by lower case), and, where asked, katakana to hiragana, spacing voicing
// marks (カ゛), iteration marks (々, ゝ) and invisible characters. The result is a [Text]: runes, and for each rune the bytes of
// the original that it stands for.
//
//	var text fold.Text
//	fold.New(fold.Kana | fold.Invisible).Fold(&text, "ﾊﾞ\u200bｶだ")
//	text.String()       // "ばかだ"
//	text.Source(0, 2)   // 0, 12: the first two runes are the first twelve bytes
//
// [Key] is the mildest form, NFKC and lower case without kana change, for tags and names that must be compared.
//
// A Text can be read once more without separators, stretching and repetition ([Text.Squeeze]): バ・カ, ばーーか, ばかぁぁぁ. The
// first pass notes whether anything of the kind is there ([Text.Seen]), so ordinary text never pays for it.
//
// Folding into a Text that has been used before does not allocate. What common Japanese text is made of goes through small
// tables; everything else (Hangul jamo, Arabic presentation forms, combining marks) goes through golang.org/x/text segment by
// segment, which is what keeps the result identical to NFKC for all of Unicode.
package fold
