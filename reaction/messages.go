package reaction

import "github.com/engawa-sns/engawa"

var (
	msgNotFound = engawa.Message{Code: "reaction.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgNobody = engawa.Message{Code: "reaction.nobody",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgStewardsOnly = engawa.Message{Code: "reaction.stewards_only",
		EN: "only stewards may do that: ask one of them", JA: "担当者だけが行えます。担当者に依頼してください"}
	msgSystemOnly = engawa.Message{Code: "reaction.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgTooMany = engawa.Message{Code: "reaction.too_many",
		EN: "%d at once: at most %d", JA: "%d件あります。一度に%d件までです"}
	msgNoTargets = engawa.Message{Code: "reaction.no_targets",
		EN: "nobody answers for the kind %q: register it in Config.Targets", JA: "種類「%s」は登録されていません。Config.Targetsに登録してください"}
	msgClosed = engawa.Message{Code: "reaction.closed",
		EN: "takes no new reactions: it was retracted, or its space is archived", JA: "取り下げ済み、またはアーカイブ済みのためリアクションできません"}
	msgUnknownKind = engawa.Message{Code: "reaction.unknown_kind",
		EN: "%s is not in the palette: choose one of %s …", JA: "%sはリアクションの一覧にありません。%s などから選んでください"}
	msgRetired = engawa.Message{Code: "reaction.retired",
		EN: "%q is retired: choose another", JA: "「%s」は廃止されています。ほかのものを選んでください"}
	msgImportedKind = engawa.Message{Code: "reaction.imported_kind",
		EN: "%q came from another system and cannot be chosen: ask a steward to put it into the palette", JA: "「%s」は移行元のもので選べません。一覧への追加を担当者に依頼してください"}
	msgNotHere = engawa.Message{Code: "reaction.not_here",
		EN: "%q is not for this place: choose another", JA: "「%s」はここでは使えません。ほかのものを選んでください"}
	msgName = engawa.Message{Code: "reaction.name",
		EN: "must be letters without capitals, digits and _ + -", JA: "文字(大文字を除く)・数字・_・+・-で入力してください"}
	msgEmojiOrImage = engawa.Message{Code: "reaction.emoji_or_image",
		EN: "set either an emoji or an image", JA: "絵文字か画像のどちらか一方を指定してください"}
	msgTooManyKinds = engawa.Message{Code: "reaction.too_many_kinds",
		EN: "the palette holds at most %d kinds: change one that is retired", JA: "リアクションは%d種類までです。廃止したものを書き換えてください"}
	msgIDTaken = engawa.Message{Code: "reaction.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgNoMessage = engawa.Message{Code: "thanks.no_message",
		EN: "say what for", JA: "何への感謝かを入力してください"}
	msgNotOneself = engawa.Message{Code: "thanks.not_oneself",
		EN: "must be somebody else", JA: "自分以外の人を指定してください"}
	msgTwice = engawa.Message{Code: "thanks.twice",
		EN: "names somebody twice", JA: "同じ人が重複しています"}
	msgNoValue = engawa.Message{Code: "thanks.no_value",
		EN: "is none of the company's values: see Rules", JA: "行動指針にありません。一覧から選んでください"}
	msgCap = engawa.Message{Code: "thanks.cap",
		EN: "at most %d points at once", JA: "一度に贈れるのは%dポイントまでです"}
	msgBudget = engawa.Message{Code: "thanks.budget",
		EN: "%d points are left until Monday: give fewer", JA: "今週の残りは%dポイントです。ポイントを減らしてください"}
	msgReceivers = engawa.Message{Code: "thanks.receivers",
		EN: "must be 1 to %d persons", JA: "1人から%d人までを指定してください"}
	msgNegative = engawa.Message{Code: "thanks.negative",
		EN: "must not be negative", JA: "0以上にしてください"}
	msgNobodyReacted = engawa.Message{Code: "reaction.nobody_reacted",
		EN: "needs a person or a number", JA: "人または人数を指定してください"}
)
