package searchtest

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Variants rewrites queries as people mistype and respell them. The same seed gives the same rewriting.
type Variants struct {
	rng *rand.Rand
	// Reading is how a text is read in hiragana, empty if that is not known; for [Variants.Kana].
	Reading func(string) string
}

// NewVariants makes a generator.
func NewVariants(seed uint64, reading func(string) string) *Variants {
	return &Variants{rng: rand.New(rand.NewPCG(seed, 11)), Reading: reading}
}

func isKatakana(r rune) bool { return r >= 'ァ' && r <= 'ヺ' || r == 'ー' }
func isHan(r rune) bool      { return r >= 0x4E00 && r <= 0x9FFF }

// halfKana maps katakana to half width.
var halfKana = func() map[rune]string {
	full := []rune("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー")
	half := []rune("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ")
	m := map[rune]string{'ヴ': "ｳﾞ"}
	for i, r := range full {
		m[r] = string(half[i])
	}
	for _, r := range "カキクケコサシスセソタチツテトハヒフヘホ" {
		voiced := r + 1
		m[voiced] = m[r] + "ﾞ"
	}
	for _, r := range "ハヒフヘホ" {
		m[r+2] = m[r] + "ﾟ"
	}
	return m
}()

// Width writes katakana in half width, and Latin letters and figures in full width and capitals.
func (v *Variants) Width(q string) string {
	var b strings.Builder
	for _, r := range q {
		switch {
		case halfKana[r] != "":
			b.WriteString(halfKana[r])
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'Ａ')
		case r > ' ' && r <= '~' && r != '-' && r != '"' && r != ':':
			b.WriteRune(r - '!' + '！')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words splits at blanks and joins again with what f made of each.
func words(q string, f func(string) string) string {
	list := strings.Split(q, " ")
	for i, w := range list {
		list[i] = f(w)
	}
	return strings.Join(list, " ")
}

// runs calls f with each run of katakana of a word.
func runs(w string, f func(string) string) string {
	var b strings.Builder
	for w != "" {
		n := strings.IndexFunc(w, func(r rune) bool { return !isKatakana(r) })
		if n < 0 {
			n = len(w)
		}
		if n > 0 {
			b.WriteString(f(w[:n]))
			w = w[n:]
			continue
		}
		_, n = utf8.DecodeRuneInString(w)
		b.WriteString(w[:n])
		w = w[n:]
	}
	return b.String()
}

// DropMark drops the ー at the end of katakana words of four characters and more.
func (v *Variants) DropMark(q string) string {
	return words(q, func(w string) string {
		return runs(w, func(run string) string {
			if utf8.RuneCountInString(run) >= 4 {
				return strings.TrimSuffix(run, "ー")
			}
			return run
		})
	})
}

// AddMark adds a ー to katakana words of four characters and more.
func (v *Variants) AddMark(q string) string {
	return words(q, func(w string) string {
		return runs(w, func(run string) string {
			if n := utf8.RuneCountInString(run); n >= 4 && !strings.HasSuffix(run, "ー") && !strings.HasSuffix(run, "ッ") {
				return run + "ー"
			}
			return run
		})
	})
}

// oldForms are usual kanji and an old or variant form of each.
const oldForms = "国國学學会會体體円圓区區広廣鉄鐵県縣検檢経經気氣関關帰歸観觀発發応應実實対對数數戦戰総總続續沢澤滝瀧竜龍浜濱辺邊斉齊斎齋高髙崎﨑島嶋浅淺豊豐変變万萬与與両兩伝傳党黨労勞勧勸参參双雙号號図圖団團圧壓声聲売賣処處変變" +
	"宝寶専專将將尽盡属屬岳嶽巣巢帯帶庁廳弁辯当當従從恵惠悪惡戻戾払拂抜拔択擇担擔拝拜挙舉捜搜摂攝断斷旧舊昼晝条條来來枢樞栄榮桜櫻楽樂様樣横橫欧歐歩步歯齒残殘殴毆沖冲浄淨済濟渋澁温溫湾灣満滿灯燈点點炉爐独獨献獻画畫畳疊皆皆真眞研硏社社禅禪私私称稱穂穗窓窗糸絲絵繪縄繩聴聽胆膽脳腦臓臟芸藝茎莖荘莊薬藥虫蟲蛍螢装裝覚覺触觸訳譯証證読讀誉譽豫豫賛贊転轉軽輕辞辭逓遞遅遲郷鄕酔醉釈釋銭錢録錄隠隱雑雜霊靈静靜頼賴顔顏顕顯駅驛験驗騒騷髄髓鶏鷄麦麥黒黑黙默"

// OldKanji writes kanji in old or variant forms.
func (v *Variants) OldKanji(q string) string {
	forms := map[rune]rune{}
	list := []rune(oldForms)
	for i := 0; i+1 < len(list); i += 2 {
		forms[list[i]] = list[i+1]
	}
	return strings.Map(func(r rune) rune {
		if old, ok := forms[r]; ok {
			return old
		}
		return r
	}, q)
}

// Kana types one word of kanji as it is read.
func (v *Variants) Kana(q string) string {
	list := strings.Split(q, " ")
	var can []int
	for i, w := range list {
		if !strings.ContainsFunc(w, func(r rune) bool { return !isHan(r) }) && utf8.RuneCountInString(w) >= 2 && v.Reading(w) != "" {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		return q
	}
	i := can[v.rng.IntN(len(can))]
	list[i] = v.Reading(list[i])
	return strings.Join(list, " ")
}

// Typo swaps two letters within one katakana word of five and more.
func (v *Variants) Typo(q string) string {
	list := strings.Split(q, " ")
	var can []int
	for i, w := range list {
		if utf8.RuneCountInString(w) >= 5 && !strings.ContainsFunc(w, func(r rune) bool { return !isKatakana(r) }) {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		return q
	}
	i := can[v.rng.IntN(len(can))]
	runes := []rune(list[i])
	for range 10 {
		at := 1 + v.rng.IntN(len(runes)-2)
		if runes[at] != runes[at+1] {
			runes[at], runes[at+1] = runes[at+1], runes[at]
			break
		}
	}
	list[i] = string(runes)
	return strings.Join(list, " ")
}
