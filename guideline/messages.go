package guideline

import (
	"strconv"

	"github.com/engawa-sns/engawa"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	msgNotFound = engawa.Message{Code: "guideline.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgNobody = engawa.Message{Code: "guideline.nobody",
		EN: "the system is nobody: people accept for themselves", JA: "システムとしては行えません。本人が行ってください"}
	msgStewardsOnly = engawa.Message{Code: "guideline.stewards_only",
		EN: "only stewards may do that: ask one of them", JA: "担当者だけが行えます。担当者に依頼してください"}
	msgSystemOnly = engawa.Message{Code: "guideline.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgIDTaken = engawa.Message{Code: "guideline.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgClauseID = engawa.Message{Code: "guideline.clause_id",
		EN: "must be lower-case letters, digits and single hyphens, such as criticise-matters", JA: "英小文字・数字・ハイフンで入力してください(例: criticise-matters)"}
	msgClauseTwice = engawa.Message{Code: "guideline.clause_twice",
		EN: "%s stands twice: give each clause an id of its own", JA: "%sが重複しています。条項ごとに別のIDを付けてください"}
	msgClauseTaken = engawa.Message{Code: "guideline.clause_taken",
		EN: "%s belongs to another document: choose another id, or leave it empty to get one", JA: "%sは別の文書の条項です。別のIDにするか、空欄にしてください"}
	msgBlank = engawa.Message{Code: "guideline.blank",
		EN: "must not be blank", JA: "空白だけにはできません。入力してください"}
	msgNamesPersons = engawa.Message{Code: "guideline.names_persons",
		EN: "names a person: a guideline outlives people, write a role instead", JA: "個人が指定されています。人ではなく役割で書いてください"}
	msgTooManyDocuments = engawa.Message{Code: "guideline.too_many_documents",
		EN: "the tenant has %d documents: change one that is there", JA: "文書は%d件までです。既存の文書を改定してください"}
	msgTooManyClauses = engawa.Message{Code: "guideline.too_many_clauses",
		EN: "%d clauses: at most %d, and nobody keeps more than nine in mind", JA: "条項が%d件あります。%d件までです(覚えられるのは9件程度です)"}
	msgTooLarge = engawa.Message{Code: "guideline.too_large",
		EN: "the text has %d bytes: at most %d", JA: "本文が%dバイトあります。%dバイト以内にしてください"}
	msgNoClause = engawa.Message{Code: "guideline.no_clause",
		EN: "the version has no clause: write one before it is published", JA: "条項がありません。1件以上書いてから公開してください"}
	msgNoDraft = engawa.Message{Code: "guideline.no_draft",
		EN: "there is no draft to publish: it was published already, or save one first", JA: "公開できる下書きがありません。すでに公開されたか、まだ保存されていません"}
	msgStale = engawa.Message{Code: "guideline.stale",
		EN: "somebody changed it meanwhile (now %d): read it again", JA: "ほかの人が変更しました(現在%d)。読み直してください"}
	msgPast = engawa.Message{Code: "guideline.past",
		EN: "lies in the past: leave it empty for now", JA: "過去の日時です。すぐに施行する場合は空欄にしてください"}
	msgPastReview = engawa.Message{Code: "guideline.past_review",
		EN: "lies in the past: choose a day on which somebody can look at it", JA: "過去の日時です。これから見直せる日を指定してください"}
	msgBefore = engawa.Message{Code: "guideline.before",
		EN: "lies before the version in front of it takes effect (%s): choose that time or a later one", JA: "前の版の施行日時(%s)より前です。それ以降を指定してください"}
	msgEnded = engawa.Message{Code: "guideline.ended",
		EN: "is retired or superseded: make a new document", JA: "廃止または置き換え済みです。新しい文書を作成してください"}
	msgItself = engawa.Message{Code: "guideline.itself",
		EN: "cannot be superseded by itself: name another document", JA: "自分自身で置き換えることはできません。別の文書を指定してください"}
	msgCycle = engawa.Message{Code: "guideline.cycle",
		EN: "is superseded by this one, directly or through others: name a document that is in effect", JA: "置き換えが循環します。施行中の文書を指定してください"}
	msgNotInEffect = engawa.Message{Code: "guideline.not_in_effect",
		EN: "is not in effect: publish it first", JA: "施行されていません。先に公開してください"}
	msgOtherVersion = engawa.Message{Code: "guideline.other_version",
		EN: "version %d is in effect: read that one", JA: "現在施行中なのは第%d版です。そちらを読んでください"}
	msgNotMandatory = engawa.Message{Code: "guideline.not_mandatory",
		EN: "nobody is listed: only of documents that the law demands may be seen who has accepted; see Counts", JA: "個人の一覧は表示できません。承諾者を確認できるのは法定の文書だけです。人数はCountsで確認してください"}
	msgNoAudience = engawa.Message{Code: "guideline.no_audience",
		EN: "it is not known whom the document is for: set Config.Audience", JA: "対象者を取得できません。Config.Audienceを設定してください"}
	msgManyPeople = engawa.Message{Code: "guideline.many_people",
		EN: "the document is for more than %d persons: make one for each unit", JA: "対象者が%d人を超えています。部署ごとの文書にしてください"}
	msgOneScope = engawa.Message{Code: "guideline.one_scope",
		EN: "set either a unit or a space", JA: "部署とスペースは、どちらか一方を指定してください"}
	msgNoPlaces = engawa.Message{Code: "guideline.no_places",
		EN: "spaces are not known here: set Config.Places", JA: "スペースを確認できません。Config.Placesを設定してください"}
	msgNoSpace = engawa.Message{Code: "guideline.no_space",
		EN: "no such space, or it is not for you to see", JA: "スペースが見つかりません"}
	msgNoVersion = engawa.Message{Code: "guideline.no_version",
		EN: "has no version %d that you may see", JA: "第%d版はありません"}
	msgPurpose = engawa.Message{Code: "channels.purpose",
		EN: "is not in the guide: choose one of %s", JA: "案内にありません。%s から選んでください"}
)
