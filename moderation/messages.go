package moderation

import "github.com/engawa-sns/engawa"

var (
	msgNotFound = engawa.Message{Code: "moderation.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgNobody = engawa.Message{Code: "moderation.nobody",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgStewardsOnly = engawa.Message{Code: "moderation.stewards_only",
		EN: "only stewards may do that: ask one of them", JA: "担当者だけが行えます。担当者に依頼してください"}
	msgSystemOnly = engawa.Message{Code: "moderation.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgNoSubjects = engawa.Message{Code: "moderation.no_subjects",
		EN: "nobody answers for the kind %q: register it in Config.Subjects", JA: "種類「%s」は登録されていません。Config.Subjectsに登録してください"}
	msgOwn = engawa.Message{Code: "moderation.own",
		EN: "is your own: take it back instead", JA: "自分のものは通報できません。取り下げてください"}
	msgReported = engawa.Message{Code: "moderation.reported",
		EN: "you have reported it already: wait for the answer", JA: "すでに通報済みです。回答をお待ちください"}
	msgClaimed = engawa.Message{Code: "moderation.claimed",
		EN: "somebody else works on it", JA: "ほかの担当者が対応中です"}
	msgNotClaimed = engawa.Message{Code: "moderation.not_claimed",
		EN: "claim it first", JA: "先に担当を引き受けてください"}
	msgNotNow = engawa.Message{Code: "moderation.not_now",
		EN: "%s is not possible now: choose one of %v", JA: "いまは%sを選べません。%vから選んでください"}
	msgStale = engawa.Message{Code: "moderation.stale",
		EN: "was changed meanwhile: its version is %d: read it again", JA: "ほかで変更されました(版%d)。読み直してください"}
	msgNoAppeal = engawa.Message{Code: "moderation.no_appeal",
		EN: "can be appealed once, within %d days of the decision", JA: "不服申し立ては判断から%[1]d日以内に1回だけ行えます"}
	msgNoOutside = engawa.Message{Code: "moderation.no_outside",
		EN: "name at least one person of the outside desk: a report about the top would have nobody otherwise",
		JA: "外部窓口の人を1人以上指定してください。経営層への通報を扱える人がいなくなります"}
	msgTooMany = engawa.Message{Code: "moderation.too_many",
		EN: "%d at once: at most %d", JA: "%d件あります。一度に%d件までです"}
	msgPolicy = engawa.Message{Code: "moderation.policy",
		EN: "the policy is refused and nothing has changed", JA: "ポリシーを読み込めません。現在のポリシーはそのままです"}
	msgStage = engawa.Message{Code: "moderation.stage",
		EN: "the policy cannot go on from %s", JA: "ポリシーを%sから進められません"}
	msgIDTaken = engawa.Message{Code: "moderation.id_taken",
		EN: "the id is taken", JA: "IDが重複しました"}
	msgPaused = engawa.Message{Code: "moderation.paused",
		EN: "what you write is looked at first until %s", JA: "%sまで、投稿は確認後に公開されます"}
	msgRecords = engawa.Message{Code: "moderation.records",
		EN: "what is kept is not what the audit trail says, unless its consumer has not caught up: %s", JA: "保存内容が監査記録と一致しません(記録の反映待ちでない場合): %s"}
	msgAudit = engawa.Message{Code: "moderation.audit",
		EN: "the audit trail is not what was written: %s", JA: "監査記録が改変されています: %s"}
)
