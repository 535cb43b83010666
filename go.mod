module github.com/engawa-sns/engawa

go 1.26.0
