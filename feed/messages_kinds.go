package feed

import "github.com/engawa-sns/engawa"

var (
	msgTextGone = engawa.Message{Code: "feed.text_gone",
		EN: "cannot be restored: its text was deleted after the time for which retracted texts are kept", JA: "復元できません(取り下げた本文の保存期間が過ぎ、削除されました)"}
	msgNoText = engawa.Message{Code: "feed.no_text",
		EN: "must not be empty", JA: "本文を入力してください"}
	msgNoKind = engawa.Message{Code: "feed.no_kind",
		EN: "there is no kind %q: see feed.Kinds", JA: "種類「%s」はありません"}
	msgDetails = engawa.Message{Code: "feed.details",
		EN: "a %s has no details", JA: "「%s」には詳細を指定できません"}
	msgDetailsKind = engawa.Message{Code: "feed.details_kind",
		EN: "are those of a %s, and the post is a %s", JA: "「%s」の詳細が指定されましたが、投稿の種類は「%s」です"}
	msgDetailsLong = engawa.Message{Code: "feed.details_long",
		EN: "are %d bytes long: at most %d are allowed", JA: "%dバイトあります。%dバイト以内にしてください"}
	msgOtherKind = engawa.Message{Code: "feed.other_kind",
		EN: "is for a %s, and this is a %s", JA: "「%s」に対する操作です(この投稿は「%s」)"}
	msgFixed = engawa.Message{Code: "feed.fixed",
		EN: "cannot be changed once it is published: retract the post and publish another", JA: "公開後は変更できません。取り下げて投稿し直してください"}
	msgPinned = engawa.Message{Code: "feed.pinned",
		EN: "has %d pinned posts already: unpin one first", JA: "固定できるのは%d件までです。先に固定を外してください"}
	msgLocked = engawa.Message{Code: "feed.locked",
		EN: "is locked and takes no comments: ask the hosts of the space", JA: "コメントは締め切られています。世話役に相談してください"}
	msgThanksSelf = engawa.Message{Code: "feed.thanks_self",
		EN: "must be others: nobody thanks themself", JA: "自分以外の人を指定してください"}
	msgNoDay = engawa.Message{Code: "feed.no_day",
		EN: "is no existing day", JA: "存在しない日付です"}
	msgReportDay = engawa.Message{Code: "feed.report_day",
		EN: "must be today or a day before", JA: "今日以前の日付を指定してください"}
	msgCycle = engawa.Message{Code: "feed.cycle",
		EN: "would supersede itself in the end: name the newest post of the chain", JA: "後継の投稿が循環します。最新の投稿を指定してください"}
	msgRemindLater = engawa.Message{Code: "feed.remind_later",
		EN: "people were told a short while ago: remind them after %s", JA: "少し前に知らせたばかりです。%s 以降に督促してください"}
	msgNoAck = engawa.Message{Code: "feed.no_ack",
		EN: "asks for no acknowledgement", JA: "確認を求める投稿ではありません"}
	msgNoBallotKey = engawa.Message{Code: "feed.no_ballot_key",
		EN: "needs Config.BallotKey, %d random bytes or more, which whoever runs this sets", JA: "匿名投票にはConfig.BallotKey(%dバイト以上の乱数)の設定が必要です。管理者に依頼してください"}
	msgPollClosed = engawa.Message{Code: "feed.poll_closed",
		EN: "is closed and takes no more votes", JA: "投票は締め切られました"}
	msgOneOption = engawa.Message{Code: "feed.one_option",
		EN: "must be one: the poll takes a single choice", JA: "一つだけ選んでください"}
	msgNoOption = engawa.Message{Code: "feed.no_option",
		EN: "must lie between 0 and %d", JA: "0から%dまでで指定してください"}
	msgVoteStands = engawa.Message{Code: "feed.vote_stands",
		EN: "an anonymous vote stands: nothing says whose it is, so it cannot be changed", JA: "匿名投票は変更できません(誰の票かを記録していないため)"}
	msgAnonymous = engawa.Message{Code: "feed.anonymous",
		EN: "is anonymous: nobody can tell who voted for what", JA: "匿名投票のため、投票者は記録されていません"}
	msgHidden = engawa.Message{Code: "feed.hidden",
		EN: "hides its results until it is closed", JA: "結果は締め切り後に公開されます"}
	msgNeverOpen = engawa.Message{Code: "feed.never_open",
		EN: "finds no working time ahead: give PublishAt, or mend the working hours", JA: "勤務時間が見つかりません。日時を指定するか、勤務時間の設定を見直してください"}
	msgNoConsent = engawa.Message{Code: "feed.no_consent",
		EN: "%s has not agreed to be named: publish another story", JA: "%sさんの同意がありません。新しい事例として投稿してください"}
	msgDeclined = engawa.Message{Code: "feed.consent_declined",
		EN: "somebody whom it names has declined: write it without them", JA: "掲載を辞退した人がいます。その人を含めない形で書き直してください"}
	msgAnswer = engawa.Message{Code: "feed.answer",
		EN: "must be Agreed or Declined", JA: "同意するか辞退するかを指定してください"}
)
