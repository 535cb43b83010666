// Package text finds what hurts people in Japanese and English, however it is disguised, and says where in the author's own text.
//
// A word list finds one of twelve public denunciations and flags thirty-three of forty innocent compounds (measured on this project's
// cases), because harm at work is seldom a swear word: 「小学生でもできる」「お前のせいで」「もう来なくていい」. So an [Engine] looks for
// patterns, ways of speaking, not only words; and beside each [Hit] it states in what light the words stand ([Context]): quoted,
// forbidden, said of oneself, reported by a victim, meant for a thing. It judges nothing; package moderation does.
//
// # How it reads
//
// One pass folds width, case, kana, voicing marks and invisible characters away and keeps the place of every character (package
// internal/fold). A machine over pairs of characters then finds, in one pass, every word and the beginning of every pattern; a small
// program decides how the pattern goes on; frames join pieces that may stand some characters apart. Only if the fold came across
// separators, stretching, digits in words or masks is the text read a second time without them, and what is found only there counts
// as disguised.
//
// What stops the innocent: katakana and Latin words must end where their script ends (カス is not in カスタム); short hiragana words
// must stand as nouns do (恐らくそれ); longer words of the IPA dictionary shield what is in them (data/except_ja.txt, mined by
// internal/mine and reproducible); and a [Verifier], one method, may have the last word on short hits, for example by morphological
// analysis.
//
// # A lexicon
//
// One pattern a line, in sections of one category and level; see [Parse]:
//
//	@you = お前|てめえ                      a class
//	[insult masked word]                  category, level, "word": a noun by itself, its neighbours are checked
//	馬鹿 = ばか                            a word with its reading, for romaji
//	~糖質                                 a word with an innocent sense: only where it is said of a person
//	[blame spaced]
//	<you>…10のせい(で|だ)                   up to 10 characters between; alternatives
//	<name>(が|は)…8(悪い|最低)[^な]         somebody's name; a guard on the next character
//	^(帰れ|辞めろ)$                        a sentence of its own
//	!バカンス                              an exception
//
// The levels say how far a word may be disguised: strict, kana (ばか), spaced (バ・カ, ばーーか), masked (バ○, バ力, s1ne).
// Patterns of several pieces go up to spaced.
//
// # Measured
//
// On a 2-core AMD EPYC with other work on it, posts of 315 bytes, in one run with the peers (moderation/benchmarks): raw post to spans
// at 1,000 terms 2.8 µs against 11.6 µs for NFKC + the fastest peer (BobuSumisu) and 24 µs for NFKC + cloudflare/ahocorasick, so 4.1
// and 8.5 times faster; 3.2 µs at 10,000 terms. In CPU time alone, on a busy machine, 2.1 and 2.2 µs. No allocation; 2.5 MiB of heap
// at 10,000 terms (TestHeap). With both built-in lexicons about 13 µs.
//
// # Caveats
//
// The lexicons state the project's view of harm in general terms and know nothing of a company's own jargon. Contexts are decided by
// cues near the words, not by parsing: a quotation without marks or a cue is missed. Names are known by surname lists, honorifics and
// what the caller passes. Masks are read only in words of the lexicon's masked level.
package text
