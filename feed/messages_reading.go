package feed

import "github.com/engawa-sns/engawa"

var (
	msgMuteWhat = engawa.Message{Code: "feed.mute_what",
		EN: `must be a "person" with Person, or a "thread" or "space" with ID`, JA: "人・スレッド・スペースのいずれか一つを指定してください"}
	msgReceiptsOff = engawa.Message{Code: "feed.receipts_off",
		EN: "shows nobody who has read: the stewards have switched receipts off", JA: "既読者の表示は、担当者がこの組織では無効にしています"}
	msgReceiptRule = engawa.Message{Code: "feed.receipt_rule",
		EN: `must be "shown" or "hidden"`, JA: "「shown」または「hidden」を指定してください"}
	msgRemindWhen = engawa.Message{Code: "feed.remind_when",
		EN: "nobody works in the next year: give a time", JA: "始業日時が見つかりません。日時を指定してください"}
	msgWatchWhat = engawa.Message{Code: "feed.watch_what",
		EN: "must be either a post or a tag", JA: "スレッドまたはタグのどちらか一つを指定してください"}
	msgWatchMany = engawa.Message{Code: "feed.watch_many",
		EN: "%d tags already: unfollow one first", JA: "フォロー中のタグが%d件あります。先にどれかを解除してください"}
)
