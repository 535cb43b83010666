package body

import "github.com/engawa-sns/engawa"

var (
	msgMentions = engawa.Message{Code: "body.mentions",
		EN: "mentions people %d times: at most %d are allowed: write to a space instead",
		JA: "メンションが%d件あります。%d件以内にするか、スペース全体に向けて書いてください"}
	msgTags = engawa.Message{Code: "body.tags",
		EN: "has %d tags: at most %d are allowed", JA: "タグが%d個あります。%d個以内にしてください"}
	msgLinks = engawa.Message{Code: "body.links",
		EN: "has %d links: at most %d are allowed", JA: "リンクが%d個あります。%d個以内にしてください"}
	msgDepth = engawa.Message{Code: "body.depth",
		EN: "nests quotations, lists or emphasis more than %d deep: make it flatter",
		JA: "引用・箇条書き・強調の入れ子が%d段を超えています。浅くしてください"}
	msgPerson = engawa.Message{Code: "body.person",
		EN: "a mention needs an id of 1 to %d bytes without <, > and control characters",
		JA: "メンションのIDは、<・>・制御文字を含まない1〜%dバイトで指定してください"}
)
