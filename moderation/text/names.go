package text

import (
	"strings"

	"slices"

	"github.com/engawa-sns/engawa/internal/fold"
)

// honorifics are what stands after a name. What is before them, if it looks like a name, is one.
var honorifics = []string{
	"さん", "くん", "ちゃん", "さま", "先輩", "先生", "部長", "次長", "課長", "係長", "主任", "社長", "専務", "常務", "取締役", "会長", "副部長",
	"リーダー", "マネージャー", "マネジャー", "店長", "室長", "所長", "支店長", "センター長", "主査", "主幹", "技師", "主事", "社員",
}

// nobody is what stands before an honorific and is not a name.
var nobody = map[string]bool{
	"皆": true, "客": true, "業者": true, "奥": true, "娘": true, "息子": true, "母": true, "父": true, "兄": true, "姉": true, "爺": true, "婆": true,
	"担当者": true, "担当": true, "患者": true, "医者": true, "取引先": true, "新入": true, "新": true, "若手": true, "派遣": true, "契約": true, "正": true,
	"全": true, "各": true, "両": true, "副": true, "元": true, "前": true, "新任": true, "現": true, "当": true, "弊": true, "代表": true, "他": true,
	"会": true, "本": true, "事業": true, "営業": true, "開発": true, "総務": true, "人事": true, "経理": true, "技術": true, "製造": true, "品質": true,
	"管理": true, "情報システム": true, "チーム": true, "プロジェクト": true, "グループ": true, "サブ": true, "プロダクト": true, "パートナー": true,
}

// surnames are the most common Japanese surnames of two and more characters, after the public rankings of 名字.
var surnames = []string{
	"佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "渡邊", "渡邉", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木", "山口", "松本", "井上", "木村", "斎藤", "斉藤", "齋藤", "齊藤",
	"清水", "山崎", "阿部", "池田", "橋本", "山下", "石川", "中島", "前田", "藤田", "小川", "後藤", "岡田", "長谷川", "村上", "近藤", "石井", "坂本", "遠藤", "青木", "藤井",
	"西村", "福田", "太田", "三浦", "岡本", "松田", "中川", "中野", "原田", "小野", "田村", "竹内", "金子", "和田", "中山", "石田", "上田", "森田", "柴田", "酒井", "工藤", "横山",
	"宮崎", "宮本", "内田", "高木", "安藤", "谷口", "大野", "丸山", "今井", "高田", "藤本", "河野", "小島", "武田", "村田", "上野", "杉山", "増田", "平野", "菅原", "小山", "久保",
	"千葉", "松井", "岩崎", "木下", "野口", "松尾", "野村", "菊地", "菊池", "佐野", "大塚", "小松", "松下", "渡部", "杉本", "吉川", "飯田", "西田", "島田", "古川", "大西", "新井",
	"水野", "桜井", "五十嵐", "高野", "吉村", "浜田", "市川", "川口", "川村", "田口", "山内", "西川", "北村", "荒木", "東野", "安田", "中田", "川崎", "飯塚", "本田", "久保田", "沢田",
	"川上", "永井", "中西", "辻本", "松岡", "岩田", "福島", "関口", "樋口", "秋山", "田辺", "土屋", "大橋", "須藤", "服部", "中尾", "熊谷", "堀内", "小池", "富田", "黒田", "矢野", "望月",
	"広瀬", "大島", "石原", "福井", "小田", "奥村", "片山", "吉岡", "松浦", "児玉", "大久保", "早川", "星野", "平田", "内藤", "河合", "白石", "馬場", "柳田", "高山", "三宅", "尾崎", "南田", "神田",
	"江藤", "榊原", "早坂", "室井", "瀬川", "真鍋", "藤堂", "桑原", "宮部", "氏家", "飯島", "倉持", "荒井", "久野", "梶本", "矢部", "永田", "丹羽", "北沢", "木戸", "菅野", "池上", "秋元", "片桐",
	"村井", "西岡", "三枝", "杉原", "柏木", "久米", "若林", "根岸", "須田", "本間", "大川", "榎本", "森本", "荻野", "栗原", "関根", "大谷", "神谷", "水谷", "西尾", "堀江", "田代", "黒木", "大森",
	"吉原", "岩井", "浅野", "古賀", "篠原", "野田", "平井", "中原", "川島", "本多", "長尾", "松永", "三好", "安井", "岡崎", "小泉", "川原", "大竹", "小西", "渋谷", "竹田", "大石", "田島", "小沢",
	"向井", "桑田", "川端", "坂口", "藤岡", "河村", "堀川", "宮下", "平山", "西山", "青山", "木内", "川野", "森川", "村松", "浅井", "田原", "米田", "落合", "大井", "小倉", "杉田", "岡部", "北川",
	"東田", "大平", "植田", "宮田", "石橋", "篠田", "松崎", "日野", "小原", "植木", "高島", "柴崎", "戸田", "前川", "鶴田", "井出", "牧野", "滝沢", "足立", "相馬", "安部", "井口", "梅田", "大場",
	"小笠原", "柿沼", "神山", "亀井", "木原", "日下", "倉田", "黒川", "郡司", "笹川", "佐久間", "塩谷", "島崎", "庄司", "白井", "城戸", "菅谷", "諏訪", "千田", "曽根", "高瀬", "高畑", "滝川", "竹本",
	"立花", "谷川", "田端", "津田", "土井", "徳永", "外山", "中谷", "長島", "成田", "西野", "根本", "芳賀", "萩原", "長谷", "浜口", "原口", "坂東", "樋渡", "福永", "藤川", "藤沢", "船越", "古田",
	"細川", "堀口", "本郷", "真島", "町田", "松原", "三上", "溝口", "三谷", "宮内", "武藤", "村瀬", "森下", "森山", "八木", "保田", "柳沢", "山岸", "山根", "湯浅", "吉井", "米山", "和泉", "渡瀬",
}

// honoured looks for a name before an honorific.
func (f *finder) honoured(start, end int) {
	runes := f.text.Runes
	from := start
	for from > 0 && start-from < 5 && scriptOf(runes[from-1]) == han {
		from--
	}
	if n := start - from; n < 1 || n > 4 || nobody[string(runes[from:start])] || from > 0 && runes[from-1] == 'お' {
		return
	}
	if runes[start] == 'さ' || runes[start] == 'く' || start-from >= 2 {
		f.named(from, end)
	}
}

func (f *finder) surname(start, end int) bool {
	runes := f.text.Runes
	if start > 0 && scriptOf(runes[start-1]) == han {
		return false
	}
	return end >= len(runes) || scriptOf(runes[end]) != han || in(runes[end], "君氏様部課係主社専常先次室所店副")
}

func (f *finder) named(start, end int) {
	f.scan.marks = append(f.scan.marks, mark{start: int32(start), end: int32(end), lit: literal{step: stepName}})
	if f.reading == readPlain {
		from, to := f.text.Source(start, end)
		f.scan.Names = append(f.scan.Names, fold.Span{From: int32(from), To: int32(to)})
	}
}

// mention finds a name that the caller knows.
func (f *finder) mention(name string) {
	t := &f.scan.name
	f.engine.folder.Fold(t, name)
	n := len(t.Runes)
	if n < 1 {
		return
	}
	runes := f.text.Runes
	for i := 0; i+n <= len(runes); i++ {
		if runes[i] != t.Runes[0] || !slices.Equal(runes[i:i+n], t.Runes) {
			continue
		}
		if n == 1 && (i > 0 && letter(runes[i-1]) || i+1 < len(runes) && scriptOf(runes[i+1]) == han && !in(runes[i+1], "君氏様部課係主社専常先")) {
			continue
		}
		if s := scriptOf(t.Runes[0]); s == latin && (i > 0 && scriptOf(runes[i-1]) == latin || i+n < len(runes) && scriptOf(runes[i+n]) == latin) {
			continue
		}
		if scriptOf(t.Runes[0]) == hira && !f.calledSo(i, i+n) {
			continue
		}
		f.named(i, i+n)
	}
}

// calledSo reports whether kana stand as a name does: by themselves, or before an honorific. ほり is not in ほりだしもの.
func (f *finder) calledSo(start, end int) bool {
	runes := f.text.Runes
	if start > 0 && scriptOf(runes[start-1]) == hira {
		return false
	}
	if end == len(runes) || scriptOf(runes[end]) != hira && scriptOf(runes[end]) != han {
		return true
	}
	if end-start > 2 && in(runes[end], "はがをにのもとへで") {
		return true
	}
	rest := string(runes[end:min(end+4, len(runes))])
	for _, h := range honorifics {
		if strings.HasPrefix(rest, Fold(h)) {
			return true
		}
	}
	return false
}
