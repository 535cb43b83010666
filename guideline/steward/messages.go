package steward

import "github.com/engawa-sns/engawa"

var (
	msgNotFound = engawa.Message{Code: "steward.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgNobody = engawa.Message{Code: "steward.nobody",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgSystemOnly = engawa.Message{Code: "steward.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgKeepersOnly = engawa.Message{Code: "steward.keepers_only",
		EN: "only those who look after the space and stewards may do that", JA: "場所の管理者と担当者だけが行えます"}
	msgMembersOnly = engawa.Message{Code: "steward.members_only",
		EN: "only those on the rota, those who look after the space, and stewards may do that", JA: "当番の人、場所の管理者、担当者だけが行えます"}
	msgNotOnRota = engawa.Message{Code: "steward.not_on_rota",
		EN: "you are not on this rota", JA: "この当番表に入っていません"}
	msgIDTaken = engawa.Message{Code: "steward.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgNoSpaces = engawa.Message{Code: "steward.no_spaces",
		EN: "nobody knows the spaces: set Config.Spaces, or use the rota of the tenant", JA: "場所が分かりません。Config.Spacesを設定するか、全体の当番表を使ってください"}
	msgTooMany = engawa.Message{Code: "steward.too_many",
		EN: "%d are too many: at most %d", JA: "%d件あります。%d件までです"}
	msgRota = engawa.Message{Code: "steward.rota",
		EN: "%s", JA: "当番表の指定に誤りがあります: %s"}
	msgNoRota = engawa.Message{Code: "steward.no_rota",
		EN: "nobody is on duty: set a rota with SetRota, or name hosts", JA: "当番がいません。当番表を設定するか、管理者を決めてください"}
	msgAllAbsent = engawa.Message{Code: "steward.all_absent",
		EN: "everybody on the rota is absent: have somebody stand in with StandIn", JA: "当番が全員不在です。代わりの人を決めてください(StandIn)"}
	msgEmpty = engawa.Message{Code: "steward.empty",
		EN: "must not be empty", JA: "入力してください"}
	msgShow = engawa.Message{Code: "steward.show",
		EN: "use ShowOpen or ShowAll", JA: "ShowOpenかShowAllを指定してください"}
	msgUntil = engawa.Message{Code: "steward.until",
		EN: "must lie ahead, by at most %d days", JA: "これからの日時で、%d日以内にしてください"}
	msgHeld = engawa.Message{Code: "steward.held",
		EN: "%s has it until %s: choose another, or talk to them", JA: "%sさんが対応中です(%sまで)。別のものを選ぶか、相談してください"}
	msgBroken = engawa.Message{Code: "steward.broken",
		EN: "%s did not answer: what is to be done there is missing", JA: "%sから応答がありません。この分は一覧に含まれていません"}
)

// words are what a kind of item says of itself.
type words struct {
	text, action engawa.Message
	verb         string
}

var usualWords = map[Kind]words{
	Unanswered: {
		engawa.Message{Code: "steward.unanswered", EN: "a post without an answer", JA: "返信のない投稿"},
		engawa.Message{Code: "steward.unanswered_do", EN: "answer it, or ask somebody who knows", JA: "返信するか、分かる人につないでください"}, "feed.Comment"},
	DeskPost: {
		engawa.Message{Code: "steward.desk", EN: "a question to the desk", JA: "窓口への質問"},
		engawa.Message{Code: "steward.desk_do", EN: "answer it, or assign it", JA: "回答するか、担当を決めてください"}, "feed.Assign"},
	Unacknowledged: {
		engawa.Message{Code: "steward.unacknowledged", EN: "an announcement that is not acknowledged by all", JA: "確認が済んでいないお知らせ"},
		engawa.Message{Code: "steward.unacknowledged_do", EN: "remind those who have not", JA: "未確認の人に知らせてください"}, "feed.RemindToAcknowledge"},
	Report: {
		engawa.Message{Code: "steward.report", EN: "a report that waits for a decision", JA: "判断待ちの通報"},
		engawa.Message{Code: "steward.report_do", EN: "look at the case, and decide", JA: "内容を確認し、判断してください"}, "moderation.Rule"},
	StaleSpace: {
		engawa.Message{Code: "steward.stale_space", EN: "a space in which nobody has written for long", JA: "しばらく投稿のない場所"},
		engawa.Message{Code: "steward.stale_space_do", EN: "ask what it is for now, or archive it", JA: "目的を確かめるか、アーカイブしてください"}, "feed.ArchiveSpace"},
	HostlessSpace: {
		engawa.Message{Code: "steward.hostless_space", EN: "a space that nobody looks after", JA: "管理者のいない場所"},
		engawa.Message{Code: "steward.hostless_space_do", EN: "name a host", JA: "管理者を決めてください"}, "feed.AddHost"},
	ReviewDue: {
		engawa.Message{Code: "steward.review_due", EN: "a guideline whose review is due", JA: "見直し時期のガイドライン"},
		engawa.Message{Code: "steward.review_due_do", EN: "review it, and publish it anew or keep it", JA: "内容を見直し、改訂するか継続を決めてください"}, "guideline.Change"},
	Broken: {
		engawa.Message{Code: "steward.broken_source", EN: "a part of the list did not answer", JA: "一覧の一部から応答がありません"},
		engawa.Message{Code: "steward.broken_do", EN: "look again later, and tell the operator if it stays", JA: "時間をおいて確認し、続く場合は運用担当に連絡してください"}, ""},
}
