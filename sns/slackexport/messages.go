package slackexport

import "github.com/engawa-sns/engawa"

var (
	msgZip = engawa.Message{Code: "slack.zip",
		EN: "cannot be read as a ZIP archive (%v): download the export again", JA: "ZIPとして読み取れません(%v)。エクスポートをダウンロードし直してください"}
	msgNoExport = engawa.Message{Code: "slack.export",
		EN: "holds neither channels.json nor groups.json: is it an export from Slack?",
		JA: "channels.jsonもgroups.jsonもありません。Slackのエクスポートか確かめてください"}
	msgEntries = engawa.Message{Code: "slack.entries",
		EN: "holds %d files: at most %d are read: raise Limits.Entries if it is genuine",
		JA: "%d個のファイルがあります。上限は%d個です。正しいファイルならLimits.Entriesを上げてください"}
	msgEntryBytes = engawa.Message{Code: "slack.entry.bytes",
		EN: "is larger than %d bytes: raise Limits.EntryBytes if it is genuine",
		JA: "%dバイトを超えています。正しいファイルならLimits.EntryBytesを上げてください"}
	msgChannelBytes = engawa.Message{Code: "slack.channel.bytes",
		EN: "takes its channel over %d bytes: raise Limits.ChannelBytes if it is genuine",
		JA: "チャンネル全体で%dバイトを超えました。正しいファイルならLimits.ChannelBytesを上げてください"}
	msgTotal = engawa.Message{Code: "slack.total",
		EN: "takes the export over %d bytes: raise Limits.TotalBytes if it is genuine",
		JA: "全体で%dバイトを超えました。正しいファイルならLimits.TotalBytesを上げてください"}
	msgRatio = engawa.Message{Code: "slack.ratio",
		EN: "is compressed more than %d times, as zip bombs are: raise Limits.Ratio if it is genuine",
		JA: "圧縮率が%d倍を超えており、ZIP爆弾の疑いがあります。正しいファイルならLimits.Ratioを上げてください"}
	msgTwice = engawa.Message{Code: "slack.twice",
		EN: "stands in the archive twice: export again", JA: "ZIPの中に重複しています。エクスポートし直してください"}
	msgEntry = engawa.Message{Code: "slack.entry",
		EN: "cannot be unpacked (%v): download the export again", JA: "展開できません(%v)。エクスポートをダウンロードし直してください"}
	msgJSON = engawa.Message{Code: "slack.json",
		EN: "cannot be read as Slack's JSON: %v", JA: "SlackのJSONとして読み取れません: %v"}
	msgChannelTwice = engawa.Message{Code: "slack.channel.twice",
		EN: "is a channel whose id stood there before: export again", JA: "チャンネルのIDが重複しています。エクスポートし直してください"}
	msgText = engawa.Message{Code: "slack.text",
		EN: "has a text of %d bytes: Slack allows less than %d: export again",
		JA: "本文が%dバイトあります。Slackの上限(%dバイト未満)を超えているため、エクスポートし直してください"}
	msgTS = engawa.Message{Code: "slack.ts",
		EN: `must be a time such as "1356032811.000002"`, JA: `"1356032811.000002"のような時刻を指定してください`}
)
