package hourstore

import "github.com/engawa-sns/engawa"

var (
	msgHours = engawa.Message{Code: "hours.invalid", EN: "%s", JA: "勤務時間の設定に誤りがあります: %s"}
	msgLong  = engawa.Message{Code: "hours.long",
		EN: "the hours are %d bytes of JSON: at most %d are kept", JA: "設定が%dバイトあります。%dバイト以内にしてください"}
)
