package feed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
)

// publish publishes a post of tanaka's in a new space.
func publish(s *feed.Service, body string, d feed.Details) feed.Post {
	post, err := s.Publish(context.Background(), tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: body, Details: d})
	must(err)
	return post
}

// states are the names of the states that a post is in.
func states(s *feed.Service, post engawa.ID) (all []feed.StatusKind) {
	p, err := s.Post(context.Background(), tanaka, post)
	must(err)
	for _, st := range p.Statuses {
		all = append(all, st.What)
	}
	return all
}

func ExampleService_Pin() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.Pin(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// [pinned]
}

func ExampleService_Unpin() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.Pin(ctx, tanaka, post.ID))
	must(s.Unpin(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// []
}

func ExampleService_Lock() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.Lock(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// [locked]
}

func ExampleService_Unlock() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.Lock(ctx, tanaka, post.ID))
	must(s.Unlock(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// []
}

func ExampleService_NeedNoAnswer() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.NeedNoAnswer(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// [no_answer]
}

func ExampleService_NeedAnswer() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	must(s.NeedNoAnswer(ctx, tanaka, post.ID))
	must(s.NeedAnswer(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// []
}

func ExampleService_ClosePost() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", &feed.DeskDetails{Topic: "経費"})
	must(s.ClosePost(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// [closed]
}

func ExampleService_ReopenPost() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", &feed.DeskDetails{Topic: "経費"})
	must(s.ClosePost(ctx, tanaka, post.ID))
	must(s.ReopenPost(ctx, tanaka, post.ID))
	fmt.Println(states(s, post.ID))
	// Output:
	// [on_desk]
}

func ExampleService_Accept() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	question, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Question, Body: "値引きの目安は?"})
	must(err)
	answer, err := s.Comment(ctx, suzuki, feed.NewComment{Post: question.ID, Body: "5%までです"})
	must(err)
	must(s.Accept(ctx, tanaka, question.ID, answer.ID))
	read, err := s.Post(ctx, suzuki, question.ID)
	must(err)
	accepted, ok := read.Status(feed.Accepted)
	fmt.Println(ok, accepted.Entry == answer.ID)
	// Output:
	// true true
}

func ExampleService_Unaccept() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	question, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Question, Body: "値引きの目安は?"})
	must(err)
	answer, err := s.Comment(ctx, suzuki, feed.NewComment{Post: question.ID, Body: "5%までです"})
	must(err)
	must(s.Accept(ctx, tanaka, question.ID, answer.ID))
	must(s.Unaccept(ctx, tanaka, question.ID))
	fmt.Println(states(s, question.ID))
	// Output:
	// []
}

func ExampleService_Assign() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "精算の期限は?", &feed.DeskDetails{Topic: "経費"})
	must(s.Assign(ctx, tanaka, post.ID, "suzuki"))
	fmt.Println(states(s, post.ID))
	// Output:
	// [assigned on_desk]
}

func ExampleService_DeskPosts() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "精算の期限は?", &feed.DeskDetails{Topic: "経費"})
	page, err := s.DeskPosts(ctx, tanaka, post.Space, feed.Window{})
	must(err)
	fmt.Println(len(page.Items), page.Items[0].Details.(*feed.DeskDetails).Topic)
	// Output:
	// 1 経費
}

func ExampleService_PinnedPosts() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "はじめに読んでください", nil)
	must(s.Pin(ctx, tanaka, post.ID))
	page, err := s.PinnedPosts(ctx, suzuki, post.Space, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Body)
	// Output:
	// はじめに読んでください
}

func ExampleService_Supersede() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	old, better := publish(s, "手順 2024", &feed.ArticleDetails{}), publish(s, "手順 2026", &feed.ArticleDetails{})
	must(s.Supersede(ctx, tanaka, old.ID, better.ID))
	fmt.Println(states(s, old.ID))
	fmt.Println(engawa.KindOf(s.Supersede(ctx, tanaka, better.ID, old.ID)))
	// Output:
	// [superseded]
	// conflict
}

func ExampleService_Unanswered() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "誰か教えてください", nil)
	page, err := s.Unanswered(ctx, suzuki, post.Space, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Body)
	_, err = s.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "どうぞ"})
	must(err)
	page, err = s.Unanswered(ctx, suzuki, post.Space, feed.Window{})
	must(err)
	fmt.Println(len(page.Items))
	// Output:
	// 誰か教えてください
	// 0
}

func ExampleService_Acknowledge() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true})
	must(s.MarkRead(ctx, suzuki, post.Space, 0))
	must(s.Acknowledge(ctx, suzuki, post.ID))
	read, err := s.Post(ctx, suzuki, post.ID)
	must(err)
	fmt.Println(!read.Acks.Mine.IsZero())
	// Output:
	// true
}

func ExampleService_Acknowledged() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true})
	must(s.MarkRead(ctx, suzuki, post.Space, 0))
	must(s.Acknowledge(ctx, suzuki, post.ID))
	page, err := s.Acknowledged(ctx, tanaka, post.ID, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Person, page.Items[0].Edition)
	// Output:
	// suzuki 1
}

func ExampleService_NotAcknowledged() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true})
	must(s.MarkRead(ctx, suzuki, post.Space, 0))
	missing, err := s.NotAcknowledged(ctx, tanaka, post.ID)
	must(err)
	fmt.Println(missing)
	must(s.Acknowledge(ctx, suzuki, post.ID))
	_, _, err = s.Edit(ctx, tanaka, post.Ref(), feed.Edit{Version: 1, Body: "就業規則を改めます(第2版)", Material: true})
	must(err)
	missing, err = s.NotAcknowledged(ctx, tanaka, post.ID)
	must(err)
	fmt.Println(missing)
	// Output:
	// [suzuki]
	// [suzuki]
}

func ExampleService_RemindToAcknowledge() {
	ctx := context.Background()
	now := time.Date(2026, time.April, 1, 1, 0, 0, 0, time.UTC)
	s, _, done := openFeedAt(nil, &now)
	defer done()
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true})

	err := s.RemindToAcknowledge(ctx, tanaka, post.ID)
	fmt.Println("at once:", engawa.KindOf(err))
	now = now.Add(feed.RemindAgain)
	must(s.RemindToAcknowledge(ctx, tanaka, post.ID)) // those who are missing get a notice once the event is heard
	fmt.Println(states(s, post.ID))
	// Output:
	// at once: conflict
	// [must_ack reminded]
}

func ExampleService_RemindUnacknowledged() {
	ctx := context.Background()
	now := time.Date(2026, time.April, 1, 1, 0, 0, 0, time.UTC) // Wednesday, 10:00 in Tokyo
	s, _, done := openFeedAt(nil, &now)
	defer done()
	friday := time.Date(2026, time.April, 3, 8, 0, 0, 0, time.UTC)
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true, AckBy: friday})

	for {
		next, err := s.RemindUnacknowledged(ctx) // sns.Run does
		must(err)
		fmt.Println(states(s, post.ID))
		if next.IsZero() {
			break
		}
		fmt.Println("next:", next.UTC().Format(time.DateTime))
		now = next
	}
	// Output:
	// [ack_due must_ack]
	// next: 2026-04-02 08:00:00
	// [ack_due must_ack reminded]
	// next: 2026-04-03 08:00:00
	// [must_ack reminded]
}

func ExampleService_Unacknowledged() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "就業規則を改めます", &feed.AnnouncementDetails{MustAcknowledge: true})
	must(s.MarkRead(ctx, suzuki, post.Space, 0))
	page, err := s.Unacknowledged(ctx, suzuki, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Body)
	// Output:
	// 就業規則を改めます
}

func ExampleService_Vote() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "忘年会は?", &feed.PollDetails{Options: []string{"和食", "中華"}})
	must(s.Vote(ctx, suzuki, post.ID, 0))
	must(s.Vote(ctx, suzuki, post.ID, 1)) // changed their mind
	read, err := s.Post(ctx, suzuki, post.ID)
	must(err)
	fmt.Println(read.Tally.Votes, read.Tally.Mine)
	// Output:
	// [0 1] [1]
}

func ExampleService_Votes() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "忘年会は?", &feed.PollDetails{Options: []string{"和食", "中華"}})
	must(s.Vote(ctx, suzuki, post.ID, 0))
	page, err := s.Votes(ctx, tanaka, post.ID, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Person, page.Items[0].Choices)
	// Output:
	// suzuki [0]
}

func ExampleService_SimilarQuestions() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	found, err := s.SimilarQuestions(ctx, suzuki, "値引きはどこまで?") // without a search there are none
	must(err)
	fmt.Println(len(found))
	// Output:
	// 0
}

func ExampleService_PutTemplate() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	form, err := s.PutTemplate(ctx, tanaka, feed.Template{Space: space.ID, Name: "商談の記録", Body: "{{お客様}}を訪問しました"})
	must(err)
	fmt.Println(form.Placeholders(), form.Fill(map[string]string{"お客様": "縁側商事"}))
	// Output:
	// [お客様] 縁側商事を訪問しました
}

func ExampleService_Templates() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	form, err := s.PutTemplate(ctx, tanaka, feed.Template{Space: space.ID, Name: "商談の記録", Body: "{{お客様}}を訪問しました"})
	must(err)
	all, err := s.Templates(ctx, suzuki, form.Space)
	must(err)
	fmt.Println(all[0].Name)
	// Output:
	// 商談の記録
}

func ExampleService_DropTemplate() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	form, err := s.PutTemplate(ctx, tanaka, feed.Template{Space: space.ID, Name: "商談の記録", Body: "{{お客様}}を訪問しました"})
	must(err)
	must(s.DropTemplate(ctx, tanaka, space.ID, form.ID))
	all, err := s.Templates(ctx, suzuki, space.ID)
	must(err)
	fmt.Println(len(all))
	// Output:
	// 0
}

func ExampleService_AskForReports() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	must(s.AskForReports(ctx, tanaka, space.ID, "suzuki"))
	due, err := s.DueReports(ctx, suzuki, calendar.Date{Year: 2026, Month: time.April, Day: 1})
	must(err)
	fmt.Println(due[0].Person, due[0].Date, due[0].Post)
	// Output:
	// suzuki 2026-04-01 0000000000000
}

func ExampleService_StopAskingForReports() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	must(s.AskForReports(ctx, tanaka, space.ID, "suzuki"))
	must(s.StopAskingForReports(ctx, tanaka, space.ID, "suzuki"))
	due, err := s.DueReports(ctx, suzuki, calendar.Date{Year: 2026, Month: time.April, Day: 1})
	must(err)
	fmt.Println(len(due))
	// Output:
	// 0
}

func ExampleService_DueReports() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	must(s.AskForReports(ctx, tanaka, space.ID, "suzuki"))
	due, err := s.DueReports(ctx, tanaka, calendar.Date{Year: 2026, Month: time.May, Day: 5}) // a holiday
	must(err)
	fmt.Println(len(due))
	// Output:
	// 0
}

func ExampleService_SaveDraft() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	draft, err := s.SaveDraft(ctx, tanaka, feed.DraftText{Body: "書きかけ"})
	must(err)
	draft, err = s.SaveDraft(ctx, tanaka, feed.DraftText{ID: draft.ID, Version: draft.Version, Body: "書き終えました"})
	must(err)
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: draft.Body, Draft: draft.ID})
	must(err)
	fmt.Println(draft.Version, post.State)
	// Output:
	// 2 published
}

func ExampleService_Drafts() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	_, err := s.SaveDraft(ctx, tanaka, feed.DraftText{Body: "書きかけ"})
	must(err)
	page, err := s.Drafts(ctx, tanaka, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].Body)
	// Output:
	// 書きかけ
}

func ExampleService_PublishDue() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "朝礼のお知らせ", PublishAt: time.Now().Add(time.Hour)})
	must(err)
	fmt.Println(post.State)
	must(s.Reschedule(ctx, tanaka, post.ID, time.Now().Add(-time.Second)))
	_, err = s.PublishDue(ctx) // sns.Run does
	must(err)
	post, err = s.Post(ctx, suzuki, post.ID)
	must(err)
	fmt.Println(post.State)
	// Output:
	// scheduled
	// published
}

func ExampleService_Reschedule() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "朝礼のお知らせ", PublishAt: time.Now().Add(time.Hour)})
	must(err)
	fmt.Println(post.State)
	must(s.Reschedule(ctx, tanaka, post.ID, time.Now().Add(-time.Second)))
	_, err = s.PublishDue(ctx) // sns.Run does
	must(err)
	post, err = s.Post(ctx, suzuki, post.ID)
	must(err)
	fmt.Println(post.State)
	// Output:
	// scheduled
	// published
}

func ExampleService_Consent() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	story, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Story, Body: "<@suzuki>さんの工夫で半日になりました"})
	must(err)
	fmt.Println(story.State)
	must(s.Consent(ctx, suzuki, story.ID, feed.Agreed))
	story, err = s.Post(ctx, suzuki, story.ID)
	must(err)
	fmt.Println(story.State)
	// Output:
	// held
	// published
}

func ExampleService_AskedConsents() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	story, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Story, Body: "<@suzuki>さんの工夫で半日になりました"})
	must(err)
	page, err := s.AskedConsents(ctx, suzuki, feed.Window{})
	must(err)
	fmt.Println(page.Items[0].ID == story.ID)
	// Output:
	// true
}

func ExampleService_AskForAnswers() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "誰か教えてください", nil)
	must(s.AskForAnswers(ctx)) // does nothing without Config.Guarantee; sns.Run calls it
	nudges, err := s.Nudges(ctx, tanaka, post.ID)
	must(err)
	fmt.Println(len(nudges))
	// Output:
	// 0
}

func ExampleService_Nudges() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "誰か教えてください", nil)
	nudges, err := s.Nudges(ctx, tanaka, post.ID)
	must(err)
	fmt.Println(len(nudges))
	// Output:
	// 0
}
