package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
)

// LockPost and LockTenant implement [feed.StatusStore]: a unit has locked everything.
func (st *store) LockPost(context.Context, engawa.TenantID, engawa.ID) error { return nil }

// LockTenant is as LockPost.
func (st *store) LockTenant(context.Context, engawa.TenantID) error { return nil }

// PutStatus implements [feed.StatusStore].
func (st *store) PutStatus(_ context.Context, tenant engawa.TenantID, post engawa.ID, s feed.Status) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[post]; !ok {
		return notFound("post", post)
	}
	row := status{Status: s, by: t.know(u, s.By), person: t.know(u, s.Person)}
	row.By, row.Person = "", ""
	put(u, t.statuses, stated{post, s.What}, row)
	return nil
}

// DropStatus implements [feed.StatusStore].
func (st *store) DropStatus(_ context.Context, tenant engawa.TenantID, post engawa.ID, what feed.StatusKind) error {
	t, u, done := st.write(tenant)
	defer done()
	drop(u, t.statuses, stated{post, what})
	return nil
}

// StatusPlaces implements [feed.StatusStore].
func (st *store) StatusPlaces(_ context.Context, tenant engawa.TenantID, what feed.StatusKind, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	return t.places(before, limit, now, func(p post) bool {
		_, ok := t.statuses[stated{p.ID, what}]
		return ok && p.Space == space
	}), nil
}

// each is a person's number where those who have left count one by one.
func (t *tenant) each(u *unit, p engawa.PersonID) int64 {
	if p == feed.Former {
		return t.newcomer(u)
	}
	return t.know(u, p)
}

// PutAck implements [feed.AckStore].
func (st *store) PutAck(_ context.Context, tenant engawa.TenantID, a feed.Acknowledgement) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[a.Post]; !ok {
		return false, notFound("post", a.Post)
	}
	key := acked{a.Post, a.Edition, t.each(u, a.Person)}
	if _, ok := t.acks[key]; ok {
		return false, nil
	}
	put(u, t.acks, key, a.At)
	return true, nil
}

// Acks implements [feed.AckStore].
func (st *store) Acks(_ context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, after int64, limit int) (all []feed.Acknowledgement, last int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	var keys []acked
	for key := range t.acks {
		if key.post == post && (edition == 0 || key.edition == edition && key.person > after) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b acked) int {
		return cmp.Or(cmp.Compare(a.edition, b.edition), cmp.Compare(a.person, b.person))
	})
	if edition != 0 {
		keys = keys[:min(limit, len(keys))]
	}
	last = after
	for _, key := range keys {
		all, last = append(all, feed.Acknowledgement{Post: post, Edition: key.edition, Person: t.named(key.person), At: t.acks[key]}), key.person
	}
	return all, last, nil
}

// AckedBy implements [feed.AckStore].
func (st *store) AckedBy(_ context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, people []engawa.PersonID) (map[engawa.PersonID]bool, error) {
	t, done := st.read(tenant)
	defer done()
	have := map[engawa.PersonID]bool{}
	for _, p := range people {
		if _, ok := t.acks[acked{post, edition, t.number(p)}]; ok {
			have[p] = true
		}
	}
	return have, nil
}

// AckCounts implements [feed.AckStore].
func (st *store) AckCounts(_ context.Context, tenant engawa.TenantID, editions map[engawa.ID]int64, person engawa.PersonID) (map[engawa.ID]feed.Acks, error) {
	t, done := st.read(tenant)
	defer done()
	counts := map[engawa.ID]feed.Acks{}
	for key, at := range t.acks {
		if edition, ok := editions[key.post]; !ok || edition != key.edition {
			continue
		}
		c := counts[key.post]
		c.Count++
		if key.person == t.number(person) {
			c.Mine = at
		}
		counts[key.post] = c
	}
	return counts, nil
}

// UnackedPlaces implements [feed.AckStore].
func (st *store) UnackedPlaces(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	return t.places(before, limit, now, func(p post) bool {
		must, ok := t.statuses[stated{p.ID, feed.MustAck}]
		_, have := t.acks[acked{p.ID, int64(must.Entry), me}]
		return ok && !have && p.author != me
	}), nil
}

// DueAcks implements [feed.AckStore].
func (st *store) DueAcks(_ context.Context, now time.Time, limit int) (all []feed.DueAck, next time.Time, _ error) {
	_, done := st.read("")
	defer done()
	times := map[feed.DueAck]time.Time{}
	for id, t := range st.all.tenants {
		for key, status := range t.statuses {
			if key.what != feed.AckDue {
				continue
			}
			if !status.At.After(now) {
				d := feed.DueAck{Tenant: id, Post: key.post}
				all, times[d] = append(all, d), status.At
			} else if next.IsZero() || status.At.Before(next) {
				next = status.At
			}
		}
	}
	slices.SortFunc(all, func(a, b feed.DueAck) int {
		return cmp.Or(times[a].Compare(times[b]), cmp.Compare(a.Post, b.Post))
	})
	return all[:min(limit, len(all))], next, nil
}

// PutVote implements [feed.PollStore].
func (st *store) PutVote(_ context.Context, tenant engawa.TenantID, post engawa.ID, v feed.Vote) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[post]; !ok {
		return false, notFound("post", post)
	}
	key := voted{post, t.each(u, v.Person)}
	if slices.Equal(t.votes[key].choices, v.Choices) {
		return false, nil
	}
	if len(v.Choices) == 0 {
		drop(u, t.votes, key)
	} else {
		put(u, t.votes, key, vote{slices.Clone(v.Choices), v.At})
	}
	return true, nil
}

// PutBallot implements [feed.PollStore]: a marker and a count, which nothing ties to each other.
func (st *store) PutBallot(_ context.Context, tenant engawa.TenantID, post engawa.ID, mark string, choices []int) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[post]; !ok {
		return false, notFound("post", post)
	}
	key := ballot{post, mark}
	if t.ballots[key] {
		return false, nil
	}
	put(u, t.ballots, key, true)
	for _, c := range choices {
		put(u, t.counted, option{post, c}, t.counted[option{post, c}]+1)
	}
	return true, nil
}

// AddVotes implements [feed.PollStore].
func (st *store) AddVotes(_ context.Context, tenant engawa.TenantID, post engawa.ID, choice int, votes int64) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[post]; !ok {
		return notFound("post", post)
	}
	put(u, t.counted, option{post, choice}, t.counted[option{post, choice}]+votes)
	return nil
}

// Tallies implements [feed.PollStore].
func (st *store) Tallies(_ context.Context, tenant engawa.TenantID, marks map[engawa.ID]string, person engawa.PersonID) (map[engawa.ID]feed.Tally, error) {
	t, done := st.read(tenant)
	defer done()
	all := map[engawa.ID]feed.Tally{}
	count := func(post engawa.ID, choice int, n int64) {
		tally := all[post]
		for len(tally.Votes) <= choice {
			tally.Votes = append(tally.Votes, 0)
		}
		tally.Votes[choice] += n
		all[post] = tally
	}
	for o, n := range t.counted {
		if _, asked := marks[o.post]; asked {
			count(o.post, o.choice, n)
		}
	}
	for key, v := range t.votes {
		if _, asked := marks[key.post]; !asked {
			continue
		}
		for _, c := range v.choices {
			count(key.post, c, 1)
		}
		if me := t.number(person); me != 0 && key.person == me {
			tally := all[key.post]
			tally.Mine, tally.Voted = slices.Clone(v.choices), true
			all[key.post] = tally
		}
	}
	for post, mark := range marks {
		if t.ballots[ballot{post, mark}] {
			tally := all[post]
			tally.Voted = true
			all[post] = tally
		}
	}
	return all, nil
}

// Votes implements [feed.PollStore].
func (st *store) Votes(_ context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) (all []feed.Vote, last int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	var people []int64
	for key := range t.votes {
		if key.post == post && key.person > after {
			people = append(people, key.person)
		}
	}
	slices.Sort(people)
	last = after
	for _, p := range people[:min(limit, len(people))] {
		v := t.votes[voted{post, p}]
		all, last = append(all, feed.Vote{Person: t.named(p), Choices: slices.Clone(v.choices), At: v.at}), p
	}
	return all, last, nil
}

// PutReport implements [feed.ReportStore].
func (st *store) PutReport(_ context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, day calendar.Date, post engawa.ID) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[post]; !ok {
		return notFound("post", post)
	}
	put(u, t.reports, reported{space, t.know(u, person), day.String(), post}, true)
	return nil
}

// Reports implements [feed.ReportStore].
func (st *store) Reports(_ context.Context, tenant engawa.TenantID, due []feed.DueReport) error {
	t, done := st.read(tenant)
	defer done()
	for i, d := range due {
		for r := range t.reports {
			if r.space == d.Space && r.person == t.number(d.Person) && r.day == d.Date.String() && t.posts[r.post].gone == nil {
				due[i].Post = max(due[i].Post, r.post)
			}
		}
	}
	return nil
}

// PutDuty implements [feed.ReportStore].
func (st *store) PutDuty(_ context.Context, tenant engawa.TenantID, d feed.Duty) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.spaces[d.Space]; !ok {
		return false, notFound("space", d.Space)
	}
	key := duty{d.Space, t.know(u, d.Person), t.know(u, d.AskedBy)}
	if _, ok := t.duties[key]; ok {
		return false, nil
	}
	put(u, t.duties, key, d.At)
	return true, nil
}

// DropDuty implements [feed.ReportStore].
func (st *store) DropDuty(_ context.Context, tenant engawa.TenantID, d feed.Duty) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	return drop(u, t.duties, duty{d.Space, t.number(d.Person), t.number(d.AskedBy)}), nil
}

// Duties implements [feed.ReportStore].
func (st *store) Duties(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (all []feed.Duty, _ error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	keys := slices.SortedFunc(maps.Keys(t.duties), func(a, b duty) int {
		return cmp.Or(cmp.Compare(a.space, b.space), cmp.Compare(a.person, b.person), cmp.Compare(a.asker, b.asker))
	})
	for _, d := range keys {
		if me != 0 && (d.person == me || d.asker == me) {
			all = append(all, feed.Duty{Space: d.space, Person: t.names[d.person], AskedBy: t.names[d.asker], At: t.duties[d]})
		}
	}
	return all, nil
}

// PutTemplate implements [feed.TemplateStore].
func (st *store) PutTemplate(_ context.Context, tenant engawa.TenantID, tpl feed.Template) (err error) {
	t, u, done := st.write(tenant)
	defer done()
	before, ok := t.templates[tpl.ID]
	if tpl.Version > 1 && (!ok || before.Version != tpl.Version-1 || before.Space != tpl.Space) {
		return conflict("template", tpl.ID)
	}
	if _, ok := t.spaces[tpl.Space]; !ok {
		return notFound("space", tpl.Space)
	}
	if tpl.Version <= 1 {
		if err := st.take(u, tpl.ID); err != nil {
			return err
		}
	}
	row := template{Template: tpl, by: t.know(u, tpl.By)}
	row.Body, row.Example, row.By = "", "", ""
	if row.text, err = t.pack(u, tpl.Body); err != nil {
		return err
	}
	if row.example, err = t.pack(u, tpl.Example); err != nil {
		return err
	}
	put(u, t.templates, tpl.ID, row)
	return nil
}

// DropTemplate implements [feed.TemplateStore].
func (st *store) DropTemplate(_ context.Context, tenant engawa.TenantID, space, id engawa.ID) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	return t.templates[id].Space == space && drop(u, t.templates, id), nil
}

// Templates implements [feed.TemplateStore].
func (st *store) Templates(_ context.Context, tenant engawa.TenantID, space engawa.ID) (all []feed.Template, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, row := range t.templates {
		if row.Space == space {
			tpl := row.Template
			tpl.Body, tpl.Example, tpl.By = t.unpack(row.text), t.unpack(row.example), t.names[row.by]
			all = append(all, tpl)
		}
	}
	slices.SortFunc(all, func(a, b feed.Template) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// open reports whether a post waits for an answer of somebody.
func (t *tenant) open(p post) bool {
	if p.Imported || p.gone != nil || !p.Kind.AwaitsAnswer() {
		return false
	}
	if _, settled := t.statuses[stated{p.ID, feed.NoAnswerNeeded}]; settled {
		return false
	}
	for _, c := range t.comments {
		if c.Post == p.ID && c.gone == nil && c.author != p.author {
			return false
		}
	}
	return true
}

// stage is how far somebody was told of a post.
func (t *tenant) stage(post engawa.ID) (stage feed.AskStage) {
	for n := range t.nudges {
		if n.post == post {
			stage = max(stage, n.stage)
		}
	}
	return stage
}

// OpenPlaces implements [feed.OpenStore].
func (st *store) OpenPlaces(_ context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	return t.places(before, limit, now, func(p post) bool { return (space == 0 || p.Space == space) && t.open(p) }), nil
}

// OpenTenants implements [feed.OpenStore].
func (st *store) OpenTenants(context.Context) (all []engawa.TenantID, _ error) {
	_, done := st.read("")
	defer done()
	for id, t := range st.all.tenants {
		for _, p := range t.posts {
			if t.open(p) && t.stage(p.ID) < feed.AskRest {
				all = append(all, id)
				break
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

// OpenAt implements [feed.OpenStore].
func (st *store) OpenAt(_ context.Context, tenant engawa.TenantID, stage feed.AskStage, before time.Time, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	all := t.places(maxID, len(t.posts), now, func(p post) bool { return !p.PublishedAt.After(before) && t.open(p) && t.stage(p.ID) == stage })
	slices.SortFunc(all, func(a, b feed.Place) int {
		return cmp.Or(t.posts[a.Post].PublishedAt.Compare(t.posts[b.Post].PublishedAt), cmp.Compare(a.Post, b.Post))
	})
	return all[:min(limit, len(all))], nil
}

// PutNudges implements [feed.OpenStore].
func (st *store) PutNudges(_ context.Context, tenant engawa.TenantID, post engawa.ID, stage feed.AskStage, people []engawa.PersonID, at time.Time) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if p, ok := t.posts[post]; !ok || !t.open(p) || t.stage(post) >= stage {
		return false, nil
	}
	for _, p := range people {
		put(u, t.nudges, nudged{post, stage, t.know(u, p)}, at)
	}
	if len(people) == 0 { // that nobody was there to be told is noted as well
		put(u, t.nudges, nudged{post, stage, 0}, at)
	}
	return true, nil
}

// Nudges implements [feed.OpenStore].
func (st *store) Nudges(_ context.Context, tenant engawa.TenantID, post engawa.ID) (all []feed.Nudge, _ error) {
	t, done := st.read(tenant)
	defer done()
	for n, at := range t.nudges {
		if n.post == post {
			all = append(all, feed.Nudge{Post: post, Stage: n.stage, Person: t.names[n.person], At: at})
		}
	}
	slices.SortFunc(all, func(a, b feed.Nudge) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Person, b.Person))
	})
	return all, nil
}
