# SPDX-License-Identifier: GPL-2.0-only
#
# Where the time of a burn goes: gnuplot -e "data='FILE'; out='PATH-WITHOUT-ENDING'" plot.gp
set style data histograms
set style histogram rowstacked
set style fill solid 0.85 noborder
set boxwidth 0.75
set ylabel "modelled seconds"
set yrange [0:*]
set grid ytics
set key outside top horizontal
set xtics rotate by 60 right font ",9" noenhanced
set bmargin 11
set title "Burning: erase, program, access; and what cxflashctl reads besides, for safety"
plots = "plot data using 2:xtic(1) title 'erase' lc rgb '#b04a3a', '' using 3 title 'program' lc rgb '#3a6ea5', '' using 4 title 'access' lc rgb '#6aa84f', '' using 5 title 'safety reads' lc rgb '#c9c9c9'"
set terminal svg size 1100,640 font "sans,12"
set output out.".svg"
eval plots
set terminal pngcairo size 1100,640 font "sans,11"
set output out.".png"
eval plots
