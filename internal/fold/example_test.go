package fold_test

import (
	"fmt"

	"github.com/engawa-sns/engawa/internal/fold"
)

func Example() {
	const s = "お前はﾊﾞ\u200bｶか"
	var text fold.Text
	fold.New(fold.Kana|fold.Invisible).Fold(&text, s)
	from, to := text.Source(3, 5)
	fmt.Println(text.String())
	fmt.Printf("%+q\n", s[from:to])
	// Output:
	// お前はばかか
	// "\uff8a\uff9e\u200b\uff76"
}
