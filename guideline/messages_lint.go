package guideline

import "github.com/engawa-sns/engawa"

// What the linter says, and how to mend it.
var (
	msgLintClauses = engawa.Message{Code: "lint.too_many_clauses",
		EN: "%d clauses: people keep about %d in mind", JA: "条項が%d件あります。覚えられるのは%d件程度です"}
	mendClauses = engawa.Message{Code: "lint.mend_clauses",
		EN: "join clauses that say the same, and take out what was never needed", JA: "似た条項をまとめ、使われていない条項を外してください"}
	msgLintReading = engawa.Message{Code: "lint.long_reading",
		EN: "takes %s minutes to read: more than %d are not read to the end", JA: "読むのに%s分かかります。%d分を超えると最後まで読まれません"}
	mendReading = engawa.Message{Code: "lint.mend_reading",
		EN: "keep the rule to one or two sentences, and one good and one bad example", JA: "条文は1〜2文、例は良い例と悪い例を1つずつにしてください"}
	msgLintSentence = engawa.Message{Code: "lint.long_sentence",
		EN: "the sentence is long: it has to be read twice", JA: "一文が長く、読み返さないと分かりません"}
	mendSentence = engawa.Message{Code: "lint.mend_sentence",
		EN: "make it two sentences", JA: "二文に分けてください"}
	msgLintNoExample = engawa.Message{Code: "lint.no_example",
		EN: "has no example: a rule without one is read in different ways", JA: "例がありません。例のない条項は人によって受け取り方が変わります"}
	mendExample = engawa.Message{Code: "lint.mend_example",
		EN: "add a good example post, and a bad one", JA: "良い投稿例と悪い投稿例を1つずつ加えてください"}
	msgLintNoWhy = engawa.Message{Code: "lint.no_why",
		EN: "does not say why: people keep rules that they understand", JA: "理由がありません。理由の分かる条項は守られます"}
	mendWhy = engawa.Message{Code: "lint.mend_why",
		EN: "write in one sentence what it is good for", JA: "何のための条項かを一文で書いてください"}
	msgLintCoercive = engawa.Message{Code: "lint.coercive",
		EN: "%q forces people: whoever has to post writes without content, or leaves", JA: "「%s」は強制になっています。義務の投稿は中身を失い、人が離れます"}
	mendCoercive = engawa.Message{Code: "lint.mend_coercive",
		EN: "invite instead: say what it is good for, and that nobody has to", JA: "お願いや提案に変え、しなくてもよいことを書いてください"}
	msgLintHours = engawa.Message{Code: "lint.against_quiet_hours",
		EN: "%q asks something of people outside working hours", JA: "「%s」は勤務時間外に対応を求めています"}
	mendHours = engawa.Message{Code: "lint.mend_hours",
		EN: "count in working days or working hours", JA: "営業日や勤務時間で数えてください"}
	msgLintNoReview = engawa.Message{Code: "lint.no_review",
		EN: "has no review date: it will grow old unseen", JA: "見直し日がありません。古くなっても気づけません"}
	mendReview = engawa.Message{Code: "lint.mend_review",
		EN: "set a review within a year", JA: "1年以内の見直し日を決めてください"}
	msgLintOverdue = engawa.Message{Code: "lint.review_overdue",
		EN: "was to be reviewed on %s", JA: "%sに見直す予定でした"}
	mendOverdue = engawa.Message{Code: "lint.mend_overdue",
		EN: "review it now, and set the next date", JA: "見直しを行い、次の見直し日を決めてください"}
	msgLintUnused = engawa.Message{Code: "lint.never_cited",
		EN: "was not cited in twelve months", JA: "12か月間、一度も引用されていません"}
	mendUnused = engawa.Message{Code: "lint.mend_unused",
		EN: "take it out, or show by an example where it helps", JA: "外すか、役に立つ場面の例を加えてください"}
	msgLintNotUpheld = engawa.Message{Code: "lint.never_upheld",
		EN: "was cited %d times and never upheld in %d decisions: people read it otherwise than it is meant", JA: "%d回引用されましたが、%d件の判断で一度も認められていません。意図と違って読まれています"}
	mendNotUpheld = engawa.Message{Code: "lint.mend_not_upheld",
		EN: "put it more precisely, with an example of what it does not mean", JA: "範囲をはっきり書き、当たらない例を加えてください"}
)
