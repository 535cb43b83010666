package main

import (
	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory"
)

const tenant engawa.TenantID = "main"

// company is who works where: one sales department with a section, and general affairs.
func company() directory.Chart {
	post := func(org engawa.OrgID, title string, rank int) []directory.Post {
		return []directory.Post{{Org: org, Title: title, Rank: rank, Main: true}}
	}
	return directory.Chart{
		Tenant: tenant,
		Units:  []directory.Unit{{ID: "sales"}, {ID: "sales-1", Parents: []engawa.OrgID{"sales"}}, {ID: "affairs"}},
		People: []directory.Person{
			{ID: "sato", Display: "佐藤 健", Reading: "さとう けん", Posts: post("sales", "部長", 7)},
			{ID: "suzuki", Display: "鈴木 葵", Reading: "すずき あおい", Posts: post("sales", "", 1)},
			{ID: "tanaka", Display: "田中 恵", Reading: "たなか めぐみ", Posts: post("sales-1", "主任", 3)},
			{ID: "ito", Display: "伊藤 蓮", Reading: "いとう れん", Posts: post("affairs", "", 1)},
		},
	}
}
