package main

import (
	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

// guideline makes the starter pack the company's rules, and shows whom they help, and when.
func (st *story) guideline() error {
	st.title("ガイドラインは短く、書いている人に必要な条項だけを見せる", "few rules, shown to whoever is writing when they help")
	steward := actor("sato")
	steward.Roles = []engawa.Role{engawa.RoleSteward}
	rules, err := st.s.Guideline.Import(st.ctx, steward, guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
	if err != nil {
		return err
	}
	v, err := st.s.Guideline.Publish(st.ctx, steward, rules.ID, guideline.Publication{Edition: 1, Why: "最初の約束"})
	if err != nil {
		return err
	}
	found, err := st.s.Guideline.Lint(st.ctx, steward, rules.ID, v.N)
	if err != nil {
		return err
	}
	st.say("「%s」 全%d条。点検の指摘: %d件", rules.Title, len(v.Clauses), len(found))
	for _, f := range found {
		st.say("  %s %s", f.Message.In(engawa.Japanese), f.Mend.In(engawa.Japanese))
	}
	hints, err := st.s.Guideline.Hints(st.ctx, actor("sato"), guideline.Writing{Space: st.tips.ID, Text: "鈴木さん、見積もりのミスは三回目です"})
	if err != nil {
		return err
	}
	for _, h := range hints {
		st.say("第%d条 %s(%s)", h.Number, h.Clause.Title, h.Reason.In(engawa.Japanese))
	}
	due, err := st.s.Guideline.Pending(st.ctx, actor("tanaka"))
	if err != nil {
		return err
	}
	if _, err := st.s.Guideline.Accept(st.ctx, actor("tanaka"), rules.ID, due[0].Document.Effective); err != nil {
		return err
	}
	accepted, err := st.s.Guideline.Accepted(st.ctx, actor("tanaka"), "tanaka", "", guideline.Window{})
	if err != nil {
		return err
	}
	st.say("tanaka が承諾: 「%s」第%d版", accepted.Items[0].Title, accepted.Items[0].N)
	line, err := st.s.Guideline.Channel(st.ctx, actor("sato"), "reprimand", guideline.Today)
	if err != nil {
		return err
	}
	st.say("%sは %v で: %s", line.Label, line.Use, line.Why)
	return nil
}
