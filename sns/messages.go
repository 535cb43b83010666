package sns

import "github.com/engawa-sns/engawa"

var msgNoSystem = engawa.Message{Code: "sns.no_system",
	EN: "the records do not say where they come from: begin with a version record, or set Import.System",
	JA: "移行元が分かりません。先頭にversionレコードを置くか、Import.Systemを指定してください"}

var msgThanksHeld = engawa.Message{Code: "sns.thanks_held",
	EN: "thanks are not kept for a decision: put it in other words", JA: "この文面の感謝は公開前の確認が必要です。表現を変えてください"}

var msgImportTarget = engawa.Message{Code: "sns.import_target",
	EN: "%s was not imported", JA: "%sが取り込まれていません"}
