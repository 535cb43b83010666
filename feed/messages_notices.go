package feed

import (
	"strings"

	"github.com/engawa-sns/engawa"
)

var (
	msgNoNoticeKind = engawa.Message{Code: "feed.no_notice_kind",
		EN: "there is no kind of notice %q: see feed.NoticeKinds", JA: "通知の種類「%s」はありません"}
	msgNoChannel = engawa.Message{Code: "feed.no_channel",
		EN: "there is no channel %q: see feed.Channels", JA: "通知の方法「%s」はありません"}
	msgNoDigest = engawa.Message{Code: "feed.no_digest",
		EN: `there is no digest %q: choose "daily", "never", or "" for weekly`, JA: "ダイジェストの頻度「%s」はありません"}
)

// noticeTexts are the sentences of the kinds; %s is who did it.
var noticeTexts = map[NoticeKind]engawa.Message{
	NoticeMention:         {Code: "notice.mention", EN: "%s mentioned you", JA: "%sがあなたに言及しました"},
	NoticeReply:           {Code: "notice.reply", EN: "%s replied to your comment", JA: "%sがあなたのコメントに返信しました"},
	NoticeComment:         {Code: "notice.comment", EN: "%s commented on your post", JA: "%sがあなたの投稿にコメントしました"},
	NoticeReaction:        {Code: "notice.reaction", EN: "%s reacted to what you wrote", JA: "%sがリアクションしました"},
	NoticeThanks:          {Code: "notice.thanks", EN: "%s thanked you", JA: "%sから感謝が届きました"},
	NoticeAccepted:        {Code: "notice.accepted", EN: "%s accepted your answer", JA: "%sがあなたの回答を採用しました"},
	NoticeAcknowledge:     {Code: "notice.acknowledge", EN: "%s asks you to acknowledge an announcement", JA: "%sのお知らせの確認をお願いします"},
	NoticeAnswerDue:       {Code: "notice.answer_due", EN: "a post waits for an answer", JA: "返信を待っている投稿があります"},
	NoticeAnswerEscalated: {Code: "notice.answer_escalated", EN: "a post still waits for an answer", JA: "返信がまだない投稿があります"},
	NoticeInvited:         {Code: "notice.invited", EN: "%s invited you to a space", JA: "%sがスペースに招待しました"},
	NoticeAssigned:        {Code: "notice.assigned", EN: "%s assigned a desk question to you", JA: "%sが窓口の質問の担当にあなたを指定しました"},
	NoticeDecided:         {Code: "notice.decided", EN: "there is news of a post of yours that waited", JA: "公開待ちの投稿について結果が出ました"},
	NoticeRuling:          {Code: "notice.ruling", EN: "the desk has decided about what you wrote", JA: "あなたの投稿について窓口の判断が出ました"},
	NoticeReport:          {Code: "notice.report", EN: "the desk has answered your report", JA: "あなたの通報に窓口から回答がありました"},
	NoticeFound:           {Code: "notice.found", EN: "%s wrote something that a saved search of yours has found", JA: "%sの投稿が、保存した検索に見つかりました"},
	NoticeGuideline:       {Code: "notice.guideline", EN: "a guideline that you accepted has changed: please read it again", JA: "承諾したガイドラインが改定されました。改めてご確認ください"},
	NoticeReview:          {Code: "notice.review", EN: "a guideline that you look after is due for review", JA: "担当しているガイドラインの見直し時期です"},
	NoticeTraining:        {Code: "notice.training", EN: "there is news of your training", JA: "研修についてお知らせがあります"},
	NoticeConsent:         {Code: "notice.consent", EN: "%s asks for your consent to a story", JA: "%sが活用事例への掲載の同意を求めています"},
}

var (
	msgSomebody  = engawa.Message{Code: "notice.somebody", EN: "somebody", JA: "だれか"}
	msgTwo       = engawa.Message{Code: "notice.two", EN: "%s and %s", JA: "%sさんと%sさん"}
	msgOne       = engawa.Message{Code: "notice.one", EN: "%s", JA: "%sさん"}
	msgMore      = engawa.Message{Code: "notice.more", EN: "%s and %d more", JA: "%sさんほか%d人"}
	msgDigestFor = engawa.Message{Code: "notice.digest",
		EN: "while you were away: %d posts, %d questions without an answer, %d announcements to acknowledge",
		JA: "不在の間に、投稿%d件、未回答の質問%d件、要確認のお知らせ%d件がありました"}
)

// Text is the notice as a sentence, with the names of those who did it; of somebody without a name the id stands for it.
func (n Notice) Text(names map[engawa.PersonID]engawa.Name) engawa.Message {
	m := noticeTexts[n.Kind]
	switch n.Kind {
	case NoticeAnswerDue, NoticeAnswerEscalated, NoticeDecided, NoticeRuling, NoticeReport, NoticeGuideline, NoticeReview, NoticeTraining:
		return m
	}
	var who engawa.Message
	name := func(i int) string {
		if known := names[n.Actors[i]]; known.Display != "" {
			return known.Display
		}
		return string(n.Actors[i])
	}
	switch {
	case len(n.Actors) == 0:
		who = msgSomebody
	case n.People == 2 && len(n.Actors) == 2:
		who = msgTwo.With(name(0), name(1))
	case n.People > 1:
		who = msgMore.With(name(0), n.People-1)
	default:
		who = msgOne.With(name(0))
	}
	return engawa.Message{
		Code: m.Code, EN: strings.Replace(m.EN, "%s", who.EN, 1), JA: strings.Replace(m.JA, "%s", who.JA, 1), Args: who.Args,
	}
}
