#!/bin/sh
# The shop: computes the total of a cart and writes it to a page. It ends after ten minutes, or when its folder is
# removed.
home=$(dirname "$0")
place=$1
round=0
while [ "$round" -lt 3000 ] && [ -d "$place" ]; do
  echo "total: $(sh "$home/total.sh" $(cat "$place/cart"))" >"$place/page.new" && mv "$place/page.new" "$place/page"
  round=$((round + 1))
  sleep 0.2
done
