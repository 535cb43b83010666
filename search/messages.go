package search

import "github.com/engawa-sns/engawa"

var (
	msgKind = engawa.Message{Code: "search.kind",
		EN: "must be at most 128 bytes without NUL", JA: "128バイト以内で入力してください"}
	msgAnalyzer = engawa.Message{Code: "search.analyzer",
		EN: "the index was made by another analyzer: call Service.Rebuild", JA: "索引が別の解析方法で作られています。Service.Rebuildで作り直してください"}
	msgNoSource = engawa.Message{Code: "search.no_source",
		EN: "no source answers for the kind %q: register one in Config.Sources", JA: "種類「%s」の文書は登録されていません。Config.Sourcesに登録してください"}
	msgSystemOnly = engawa.Message{Code: "search.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgTooManyRefs = engawa.Message{Code: "search.too_many",
		EN: "%d at once: at most %d", JA: "%d件あります。一度に%d件までです"}

	// Notes about a query: what was ignored, and why.
	noteLong = engawa.Message{Code: "query.long",
		EN: "the query is long: only its first %d bytes were used", JA: "検索語が長いため、先頭の%dバイトだけを使いました"}
	noteWords = engawa.Message{Code: "query.words",
		EN: "there are many words: only the first %d were used", JA: "語が多いため、先頭の%d語だけを使いました"}
	noteNothing = engawa.Message{Code: "query.nothing",
		EN: "there is nothing to search for: enter a word", JA: "検索する語がありません。語を入力してください"}
	noteQuote = engawa.Message{Code: "query.quote",
		EN: "the quotation mark was not closed: it was read up to the end", JA: "引用符が閉じられていないため、末尾までを一続きとみなしました"}
	noteOperator = engawa.Message{Code: "query.operator",
		EN: "%s needs a value and was ignored", JA: "「%s」に続く値がないため、無視しました"}
	noteDate = engawa.Message{Code: "query.date",
		EN: "%s is not a date such as 2026-04-01 and was ignored", JA: "「%s」は日付(例: 2026-04-01)として読めないため、無視しました"}
	noteState = engawa.Message{Code: "query.state",
		EN: "%s is neither is:answered nor is:unanswered and was ignored", JA: "「%s」はis:answered・is:unansweredのどちらでもないため、無視しました"}
	notePerson = engawa.Message{Code: "query.person",
		EN: "nobody is called %s: the condition was ignored", JA: "「%s」という人が見つからないため、条件を無視しました"}
	noteSpace = engawa.Message{Code: "query.space",
		EN: "you read no space called %s: the condition was ignored", JA: "閲覧できるスペースに「%s」がないため、条件を無視しました"}
	noteUnsearchable = engawa.Message{Code: "query.unsearchable",
		EN: "%s has nothing that can be searched for and was ignored", JA: "「%s」には検索できる文字がないため、無視しました"}
	noteNot = engawa.Message{Code: "query.only_not",
		EN: "there are only words to leave out: all other documents are shown, newest first", JA: "除外する語だけのため、それ以外を新しい順に表示しました"}
)

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}
