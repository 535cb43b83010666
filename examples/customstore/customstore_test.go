package main

import (
	"testing"

	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/feedtest"
)

// A storage is right if it passes: there is nothing else to it.
func TestStore(t *testing.T) {
	feedtest.Run(t, func(*testing.T) feed.Store { return newStore() })
}

func Example() {
	main()
	// Output:
	// 営業のコツ tanaka: 値引きの目安は? <@suzuki> (1 comment, unread: true)
	// 5 events
}
