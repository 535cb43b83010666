package valid

import "github.com/engawa-sns/engawa"

var msgRule = engawa.Message{Code: "valid.rule",
	EN: "must satisfy the rule %s", JA: "次の条件を満たすように指定してください: %s"}
