package sqldirectory

import "github.com/engawa-sns/engawa"

var (
	msgNoDB = engawa.Message{Code: "sqldirectory.db",
		EN: "is missing: give the pool in which the people are", JA: "指定されていません。社員情報のあるデータベースを指定してください"}
	msgNoAffiliations = engawa.Message{Code: "sqldirectory.affiliations",
		EN: "is missing: write the query that tells where a person stands", JA: "指定されていません。社員の所属を答えるSQLを書いてください"}
	msgEither = engawa.Message{Code: "sqldirectory.either",
		EN: "stands beside Ancestors: give only one of them", JA: "Ancestorsと同時に指定できません。どちらか一方にしてください"}
	msgPlaceholders = engawa.Message{Code: "sqldirectory.placeholders",
		EN: "must be Question or Dollar", JA: "QuestionかDollarを指定してください"}
	msgParameter = engawa.Message{Code: "sqldirectory.parameter",
		EN: ":%s is no parameter of this query: use %s", JA: "「:%s」はこのSQLでは使えません。使えるのは %s です"}
	msgPositional = engawa.Message{Code: "sqldirectory.positional",
		EN: "holds the placeholder %s: name the parameter instead: %s", JA: "プレースホルダー「%s」は使えません。名前で書いてください: %s"}
	msgUnclosed = engawa.Message{Code: "sqldirectory.unclosed",
		EN: "does not close what begins with %s", JA: "「%s」が閉じられていません"}
	msgBackslash = engawa.Message{Code: "sqldirectory.backslash",
		EN: `holds a backslash before a quote, which databases read in two ways: write the quote twice`,
		JA: "引用符の前の「\\」はデータベースによって意味が変わります。引用符を二つ重ねて書いてください"}

	msgQuery = engawa.Message{Code: "sqldirectory.query",
		EN: "cannot be run: check its SQL and the tables", JA: "実行できません。SQLとテーブルを確かめてください"}
	msgColumn = engawa.Message{Code: "sqldirectory.column",
		EN: "gives no column %q: add it, or AS to another", JA: "列「%s」がありません。加えるか、ASで名前を付けてください"}
	msgOtherColumn = engawa.Message{Code: "sqldirectory.column.unknown",
		EN: "gives a column %q: the columns are %s", JA: "列「%s」は使えません。使える列は %s です"}
	msgNull = engawa.Message{Code: "sqldirectory.null",
		EN: "gives NULL as %q: leave such rows out", JA: "列「%s」がNULLです。その行を除いてください"}
	msgKind = engawa.Message{Code: "sqldirectory.kind",
		EN: `gives the kind %q: an affiliation is "", "concurrent" or "seconded"`,
		JA: "所属の種別「%s」は使えません。空かconcurrent(兼務)かseconded(出向)にしてください"}
	msgRank = engawa.Message{Code: "sqldirectory.rank",
		EN: "gives the negative rank %d: use 0 for none", JA: "rankが負の数(%d)です。ないときは0にしてください"}
	msgLevels = engawa.Message{Code: "sqldirectory.levels",
		EN: "leads up more than %d levels: mend the chart, or raise MaxLevels", JA: "組織の階層が%d段を超えています。組織図を直すか、MaxLevelsを上げてください"}
	msgUnits = engawa.Message{Code: "sqldirectory.units",
		EN: "leads to more than %d units: mend the chart", JA: "上位の組織が%dを超えています。組織図を直してください"}
)
