"""Is this gradient the slope of that function? Judged by slopes alone, with no right answer."""
