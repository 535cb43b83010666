package main

import (
	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/search"
)

// search writes down what somebody asked, and finds it again in several spellings, with the rules beside it.
func (st *story) search() error {
	st.title("過去の投稿が見つかる。漢字でも、よみでも。読めないものは件数にも出ない", "what was written is found, by word or reading; what one may not read is not even counted")
	asked, err := st.s.Feed.Publish(st.ctx, actor("suzuki"), feed.NewPost{Space: st.tips.ID, Kind: feed.Question, Body: "出張の旅費精算はどこから申請しますか"})
	if err != nil {
		return err
	}
	answer, err := st.s.Feed.Comment(st.ctx, actor("tanaka"), feed.NewComment{Post: asked.ID, Body: "経費システムの「旅費精算」からです。領収書の写真があればすぐ終わります"})
	if err != nil {
		return err
	}
	if err := st.s.Feed.Accept(st.ctx, actor("suzuki"), asked.ID, answer.ID); err != nil {
		return err
	}
	if err := st.s.Drain(st.ctx); err != nil { // SNS.Run does it in the background
		return err
	}
	for _, q := range []struct {
		by    engawa.PersonID
		query string
	}{{"sato", "旅費精算"}, {"sato", "りょひ"}, {"sato", "領収書 from:田中"}, {"ito", "旅費精算"}, {"ito", "しっせき kind:clause"}} {
		found, err := st.s.Search.Search(st.ctx, actor(q.by), search.Ask{Query: q.query})
		if err != nil {
			return err
		}
		st.say("%s が「%s」を検索: %d 件", q.by, q.query, found.Total)
		for _, hit := range found.Items {
			who := string(hit.Author)
			if hit.Kind == guideline.KindClause {
				who = hit.Text.Title
			}
			st.say("  %s: %s", who, marked(hit.Text.Body, hit.Body))
		}
	}
	return nil
}

// marked puts what was found in brackets.
func marked(text string, marks []search.Span) string {
	out, from := "", 0
	for _, m := range marks {
		out += text[from:m.From] + "【" + text[m.From:m.To] + "】"
		from = m.To
	}
	return out + text[from:]
}
