package sns

import "github.com/engawa-sns/engawa"

var msgNoSystem = engawa.Message{Code: "sns.no_system",
	EN: "the records do not say where they come from: begin with a version record, or set Import.System",
	JA: "移行元が分かりません。先頭にversionレコードを置くか、Import.Systemを指定してください"}

var msgNoSearch = engawa.Message{Code: "sns.no_search",
	EN: "there is no search to take this in: set Config.Search", JA: "検索が設定されていないため取り込めません。Config.Searchを設定してください"}

var msgThanksHeld = engawa.Message{Code: "sns.thanks_held",
	EN: "thanks are not kept for a decision: put it in other words", JA: "この文面の感謝は公開前の確認が必要です。表現を変えてください"}

var (
	msgDirectURL = engawa.Message{Code: "moderation.direct_url",
		EN: "say it in private: %s", JA: "1対1で伝えましょう: %s"}
	msgDirectSpace = engawa.Message{Code: "moderation.direct_space",
		EN: "say it in private: a closed space of the two of you can be opened", JA: "2人だけの場所を開いて、1対1で伝えられます"}
	msgDelayed = engawa.Message{Code: "moderation.delayed",
		EN: "it appears in working hours", JA: "業務時間になってから公開されます"}
	msgByDesk = engawa.Message{Code: "moderation.by_desk",
		EN: "taken down by the desk", JA: "窓口の判断により取り下げ"}
)

var (
	msgAcceptFirst = engawa.Message{Code: "guideline.accept_first",
		EN: "%q (version %d) is to be read and accepted before you post", JA: "投稿の前に「%s」(第%d版)を読んで承諾してください"}
	msgGuidelineText = engawa.Message{Code: "sns.guideline_text",
		EN: "is no text of a guideline: %v", JA: "ガイドラインの本文として読めません: %v"}
	msgNoAudience = engawa.Message{Code: "sns.no_audience",
		EN: "no Directory lists a whole company: set Guideline.Audience", JA: "対象者の一覧を取得できません。Guideline.Audienceを設定してください"}
)

var msgImportTarget = engawa.Message{Code: "sns.import_target",
	EN: "%s was not imported", JA: "%sが取り込まれていません"}
