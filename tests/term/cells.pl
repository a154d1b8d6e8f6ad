# What a terminal shows, from tmux capture-pane -e: a line for each, every character with its colours. A blank has no
# colour of its own, only what lies behind it: how it was written is the drawing library's affair.
# SPDX-License-Identifier: GPL-2.0-or-later
use strict;
use warnings;
my %now = (fg => '', bg => '', attributes => '');
while (my $line = <STDIN>) {
    chomp $line;
    my $cells = '';
    while ($line =~ /\G(?:\e\[([0-9;]*)m|([\x00-\x7f]|[\xc0-\xff][\x80-\xbf]*))/g) {
        if (!defined $1) {
            $cells .= $2 eq ' ' ? " {$now{bg}" . ($now{attributes} =~ /[47]/ ? "$now{fg}$now{attributes}" : '') . '}'
                                : "$2\{$now{fg}/$now{bg}/$now{attributes}}";
            next;
        }
        my @codes = split /;/, $1 eq '' ? '0' : $1;
        while (@codes) {
            my $code = shift @codes;
            if ($code == 0) { %now = (fg => '', bg => '', attributes => '') }
            elsif ($code == 38 || $code == 48) {
                my $n = $codes[0] == 2 ? 4 : 2;
                $now{ $code == 38 ? 'fg' : 'bg' } = join ';', splice @codes, 0, $n;
            }
            elsif ($code == 39) { $now{fg} = '' }
            elsif ($code == 49) { $now{bg} = '' }
            elsif ($code >= 90 || $code >= 30 && $code <= 37) { $now{fg} = $code }
            elsif ($code >= 40 && $code <= 47) { $now{bg} = $code }
            elsif ($code < 10) { $now{attributes} .= $code unless $now{attributes} =~ /$code/ }
        }
    }
    $cells =~ s/(?: \{\})+$//;
    print "$cells\n";
}
