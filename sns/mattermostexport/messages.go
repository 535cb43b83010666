package mattermostexport

import "github.com/engawa-sns/engawa"

var (
	msgZip = engawa.Message{Code: "mattermost.zip",
		EN: "cannot be read as a ZIP archive (%v): download the export again", JA: "ZIPとして読み取れません(%v)。エクスポートをダウンロードし直してください"}
	msgNoExport = engawa.Message{Code: "mattermost.export",
		EN: "holds no .jsonl file: is it a bulk export from Mattermost?", JA: ".jsonlファイルがありません。Mattermostの一括エクスポートか確かめてください"}
	msgEntries = engawa.Message{Code: "mattermost.entries",
		EN: "holds %d files: at most %d are read: raise Limits.Entries if it is genuine",
		JA: "%d個のファイルがあります。上限は%d個です。正しいファイルならLimits.Entriesを上げてください"}
	msgEntry = engawa.Message{Code: "mattermost.entry",
		EN: "cannot be unpacked (%v): download the export again", JA: "展開できません(%v)。エクスポートをダウンロードし直してください"}
	msgLineBytes = engawa.Message{Code: "mattermost.line.bytes",
		EN: "is longer than %d bytes: raise Limits.LineBytes if it is genuine",
		JA: "%dバイトを超えています。正しいファイルならLimits.LineBytesを上げてください"}
	msgTotal = engawa.Message{Code: "mattermost.total",
		EN: "takes the file over %d bytes: raise Limits.TotalBytes if it is genuine",
		JA: "全体で%dバイトを超えました。正しいファイルならLimits.TotalBytesを上げてください"}
	msgRatio = engawa.Message{Code: "mattermost.ratio",
		EN: "is compressed more than %d times, as zip bombs are: raise Limits.Ratio if it is genuine",
		JA: "圧縮率が%d倍を超えており、ZIP爆弾の疑いがあります。正しいファイルならLimits.Ratioを上げてください"}
	msgUTF8 = engawa.Message{Code: "mattermost.utf8",
		EN: "is not valid UTF-8: export again", JA: "UTF-8として正しくありません。エクスポートし直してください"}
	msgJSON = engawa.Message{Code: "mattermost.json",
		EN: "cannot be read as Mattermost's JSON: %v", JA: "MattermostのJSONとして読み取れません: %v"}
	msgNoVersion = engawa.Message{Code: "mattermost.version.first",
		EN: `the first line must be the version, such as {"type":"version","version":1}: is it a bulk export from Mattermost?`,
		JA: `1行目がバージョンではありません。例: {"type":"version","version":1}。Mattermostの一括エクスポートか確かめてください`}
	msgVersion = engawa.Message{Code: "mattermost.version",
		EN: "is a version %d of the format: this program reads version 1", JA: "形式のバージョンが%dです。このプログラムが読めるのはバージョン1です"}
	msgVersionAgain = engawa.Message{Code: "mattermost.version.again",
		EN: "the version stands on the first line only", JA: "バージョンは1行目にだけ書けます"}
	msgNoType   = engawa.Message{Code: "mattermost.type", EN: "has no type", JA: "typeがありません"}
	msgNothing  = engawa.Message{Code: "mattermost.nothing", EN: "has the type %q and no %q", JA: "typeは「%s」ですが、「%s」がありません"}
	msgChannel  = engawa.Message{Code: "mattermost.channel.twice", EN: "is a channel that stood there before: export again", JA: "チャンネルが重複しています。エクスポートし直してください"}
	msgUser     = engawa.Message{Code: "mattermost.user.twice", EN: "is a user who stood there before: export again", JA: "ユーザーが重複しています。エクスポートし直してください"}
	msgCreateAt = engawa.Message{Code: "mattermost.create_at",
		EN: "must be a time in milliseconds since 1970, such as 1711933213000", JA: "1711933213000のような1970年からのミリ秒を指定してください"}
)
