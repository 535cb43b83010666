package jp

// The equinox holidays follow the sky: the government announces them each February for the next year, on the calendar of
// the National Astronomical Observatory (国立天文台「暦要項」). Until then everybody uses the formula of 新こよみ便利帳 (暦計算研究会
// 編, 恒星社厚生閣), which holds for 1851 to 2150:
//
//	day = ⌊base + 0.242194·(year−1980) − leap days since 1980⌋
//
// with a base for 1900–1979, one for 1980–2099 and one for 2100–2150, here net of the leap day that 2100 does not have.
// After 2150 the last base runs on, as an estimate that loses about a day in 3,000 years. Compared with an astronomical
// calculation, the formula is wrong once before 2150: it puts the autumn equinox of 2107 a day late.
const daysBeyond365 = 0.242194

func vernalEquinox(year int) int   { return equinox(year, 20.8357, 20.8431, 20.8510) }
func autumnalEquinox(year int) int { return equinox(year, 23.2588, 23.2488, 23.2488) }

func equinox(year int, to1979, to2099, later float64) int {
	base := later
	switch {
	case year < 1980:
		base = to1979
	case year < 2100:
		base = to2099
	}
	return int(base + daysBeyond365*float64(year-1980) - float64(leapDays(year)-leapDays(1980)))
}

// leapDays returns the number of leap days from the year 1 to the end of year.
func leapDays(year int) int { return year/4 - year/100 + year/400 }
