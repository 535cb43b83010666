package directory

import "github.com/engawa-sns/engawa"

var (
	msgTwice = engawa.Message{Code: "directory.twice",
		EN: "%q stands there twice: leave one out", JA: "「%s」が重複しています。一方を取り除いてください"}
	msgNoUnit = engawa.Message{Code: "directory.unit",
		EN: "the unit %q is not in the chart: add it to the units", JA: "組織「%s」がありません。組織の一覧に加えてください"}
	msgCycle = engawa.Message{Code: "directory.cycle",
		EN: "stands above itself (%s): take one of these parents away",
		JA: "組織の親子関係が循環しています(%s)。いずれかの親を取り除いてください"}
	msgState = engawa.Message{Code: "directory.state",
		EN: `%q is no state: leave it empty or write "suspended" or "left"`,
		JA: "「%s」は指定できません。空にするか、suspendedまたはleftを指定してください"}
	msgKind = engawa.Message{Code: "directory.kind",
		EN: `%q is no kind of affiliation: leave it empty or write "concurrent" or "seconded"`,
		JA: "「%s」は指定できません。空にするか、concurrent(兼務)またはseconded(出向)を指定してください"}
	msgRank = engawa.Message{Code: "directory.rank",
		EN: "must be a whole number that is not negative", JA: "0以上の整数を指定してください"}
	msgPeriod = engawa.Message{Code: "directory.period",
		EN: "must be later than the beginning", JA: "開始より後を指定してください"}
	msgMain = engawa.Message{Code: "directory.main",
		EN: "is the second principal post at the same time: keep one", JA: "同じ時期に主所属が二つあります。一つにしてください"}

	msgColumn = engawa.Message{Code: "directory.column",
		EN: "the header has no column %q: add it", JA: "見出し行に列「%s」がありません。加えてください"}
	msgUnknownColumn = engawa.Message{Code: "directory.column.unknown",
		EN: "is no column of this file: the columns are %s", JA: "この列は使えません。使える列は %s です"}
	msgColumnTwice = engawa.Message{Code: "directory.column.twice",
		EN: "is a column twice: leave one out", JA: "同じ列が二つあります。一方を取り除いてください"}
	msgDiffers = engawa.Message{Code: "directory.differs",
		EN: "differs from the first line of this person: leave it empty or repeat it",
		JA: "同じ人の最初の行と異なります。空にするか、同じ内容にしてください"}
	msgYesNo = engawa.Message{Code: "directory.yesno",
		EN: "must be 1 or true for yes, and empty, 0 or false for no", JA: "はいは1かtrue、いいえは空か0かfalseで指定してください"}
	msgDate = engawa.Message{Code: "directory.date",
		EN: "must be a date such as 2024-04-01 or a time such as 2024-04-01T09:00:00+09:00",
		JA: "2024-04-01のような日付か、2024-04-01T09:00:00+09:00のような日時を指定してください"}
	msgSyntax = engawa.Message{Code: "directory.syntax",
		EN: "cannot be read: %v", JA: "読み取れません: %v"}
	msgInput = engawa.Message{Code: "directory.input",
		EN: "is longer than %d MiB: split it by tenant", JA: "%dMiBを超えています。テナントごとに分けてください"}
)
