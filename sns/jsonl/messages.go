package jsonl

import "github.com/engawa-sns/engawa"

var (
	msgEmpty = engawa.Message{Code: "jsonl.empty", EN: "must not be empty", JA: "値を入れてください"}
	msgMany  = engawa.Message{Code: "jsonl.many",
		EN: "has %d entries: at most %d are allowed", JA: "%d件あります。%d件以内にしてください"}
	msgChoice = engawa.Message{Code: "jsonl.choice",
		EN: "must be one of: %s", JA: "次のいずれかを指定してください: %s"}
	msgNegative = engawa.Message{Code: "jsonl.negative", EN: "must not be negative", JA: "0以上を指定してください"}
	msgNoValue  = engawa.Message{Code: "jsonl.value",
		EN: `must be left out where kind is "everyone"`, JA: "kindがeveryoneのときは指定できません"}
	msgRank = engawa.Message{Code: "jsonl.rank",
		EN: "must be a whole number that is not negative, in quotes", JA: "0以上の整数を引用符で囲んで指定してください"}
	msgTarget = engawa.Message{Code: "jsonl.target",
		EN: `must be "post:ID", "comment:ID" or the host's "KIND:ID"`, JA: "「post:ID」「comment:ID」、またはホスト側の「KIND:ID」の形で指定してください"}
	msgWho = engawa.Message{Code: "jsonl.who",
		EN: "needs either a person or a count, and not both", JA: "personかcountのどちらか一方だけを指定してください"}

	msgVersion = engawa.Message{Code: "jsonl.version",
		EN: "is %d: this program reads version %d: update engawa, or export again in that version",
		JA: "バージョン%dです。このプログラムが読めるのはバージョン%dです。engawaを更新するか、そのバージョンで書き出し直してください"}
	msgNoVersion = engawa.Message{Code: "jsonl.version.first",
		EN: `the first line must be the version, such as {"type":"version","version":1,"source":"main"}`,
		JA: `1行目はバージョンにしてください。例: {"type":"version","version":1,"source":"main"}`}
	msgVersionAgain = engawa.Message{Code: "jsonl.version.again",
		EN: "the version stands on the first line only", JA: "バージョンは1行目にだけ書けます"}
	msgType = engawa.Message{Code: "jsonl.type",
		EN: "there is no type %q", JA: "種類「%s」はありません"}
	msgSyntax = engawa.Message{Code: "jsonl.syntax",
		EN: "cannot be read as a JSON object: %v", JA: "JSONのオブジェクトとして読み取れません: %v"}
	msgLong = engawa.Message{Code: "jsonl.long",
		EN: "is longer than %d bytes", JA: "%dバイトを超えています"}
	msgOneOf = engawa.Message{Code: "jsonl.one_of",
		EN: "must name exactly one thing", JA: "どれか一つだけを指定してください"}
	msgUTF8 = engawa.Message{Code: "jsonl.utf8",
		EN: "is not valid UTF-8: convert the file first", JA: "UTF-8として正しくありません。ファイルを変換してください"}
)
