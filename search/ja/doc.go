// Package ja cuts Japanese text into the terms that package search looks for.
//
// The chain, each step with offsets into the original text:
//
//  1. NFKC, lower case, no invisible characters (internal/fold): ﾊﾟｿｺﾝ, ＰＣ and パソコン, pc become one.
//  2. Old and variant kanji (旧字体, 異体字) become the usual ones: 國 髙 﨑 are 国 高 崎.
//  3. Latin letters, figures and signs are cut by rule: 2026年, ２０２６/４/１, 1,234, AB-123 (also found as AB123, AB and 123),
//     v2.6.1; English words lose their light endings. The tenant's own words are taken whole, and their parts as well.
//  4. Everything Japanese is cut by IPADIC as kagome cuts it in search mode: compounds into their parts; inflected words become
//     base forms, particles and auxiliaries go, and what says little (する, こと, 何) is marked as faint. The lattice is our own,
//     held against kagome's by test and fuzzing: on the dev corpus its cuts are the same and the chain is 2.7 to 4 times as fast.
//  5. Words are folded: コンピューター and コンピュータ (a trailing ー after four katakana), 引っ越し, 引越し and 引越 (only the
//     kanji of compounds with okurigana), 二〇二六年 and 2026年.
//
// Out of that come the fields of package search: words, pairs of content words in a row, the readings of words written in
// kanji, and of the Japanese text as it stands all bigrams, for what no dictionary knows.
//
// The dictionary is loaded once per process, in about half a second, and takes about 95 MB. IPADIC's notice stands in
// NOTICE.
package ja
