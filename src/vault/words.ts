// The 1024 words of the recovery key, in order: put together for Nightjar, under its licence. No word shares its first four
// letters with another, and none is one letter, or one swap of letters, away from another. Never change one: printed keys stop working.

export const words: readonly string[] = `
  acid acorn acrobat active actor address admire adult advance advice agent agree airport alarm album alert alley
  almond alpine already amber amount anchor angle animal annual answer antenna apple april apron archive arctic
  arena arrive arrow artist athlete atlas atom attic auction august author autumn avenue avocado awake award axis
  baby bacon badge bagel baker balance balloon bamboo banana banjo banner barber bargain barn barrel basin basket
  battery beach beaver bedroom beetle begin bicycle biscuit bishop blanket blender blossom blue board bonus
  border bottle boulder bounce bracket brave bread breeze brick bridge bright bronze broom brother brush bubble
  bucket budget buffalo builder bulb bundle burger butter buyer buzzer cabbage cabin cactus cake camel campus
  canal candle canoe canvas captain caramel carbon cargo carpet carrot castle celery cello cement ceramic chain
  chalk chapter charge cheese cherry chest chicken chimney choice chorus cider cinema circle citizen city clay
  clerk clever client climb clinic clock cloud coach coast cobalt cocoa coffee collar column comet comfort common
  compass concert cookie copper coral corner cotton country cousin cover coyote cradle crane crater crayon credit
  cricket crown cruise crystal cube culture curtain cushion custom cycle cymbal daisy dance daring dawn deer
  delay dentist desk diagram diamond diary diesel dinner dish divide dizzy doctor dolphin domain donkey door dose
  double dough dragon drama drawer dream dress drift drink drum duck dune dust duty dwarf eager eagle early earth
  easel east echo eclipse edge editor effort eight elastic elbow elder elegant elite embrace emerald emotion
  empire empty engine enjoy episode equal errand escape essay evening example exotic explain express extra
  eyebrow fabric falcon family famous fancy fantasy farmer fashion father faucet fence field film filter final
  finger finish fire fitness flag flame flight float fluid flute focus foil folder follow food forest fork
  fortune forum fossil fragile freedom fresh friend frog frost fruit fuel funny furnace future gadget galaxy
  gallery game garage garden garlic gazelle general genius gentle gesture geyser giant giraffe glacier glad glass
  glimpse globe goal gold goose gossip grain grape gravity great green grid grocery group guard guess guide
  guitar gumball gymnast gypsum habit half hamlet hammer hamster harvest hawk hazel heading health heart heavy
  helium helmet heron hidden hill hippo history hobby hockey holiday honest horizon horse hotel human hundred
  hungry husband hybrid iceberg icon idea igloo image inch index infant initial inside install invest invite
  island isotope item ivory jacket jaguar january jasmine jazz jeans jelly jewel jigsaw jogging join joke journey
  judge juice jukebox july jumbo jungle junior jupiter karate kayak keen keeper kernel kettle kindle kingdom
  kiosk kitchen kiwi knee knife knock koala label ladder lady lagoon lamp laptop large laser laundry lava leader
  leaf league learn leather lecture legend leisure lemon lend length leopard letter level liberty library license
  lift lilac lime limit linen lion liquid little lizard loan lobster local logic lonely lotus lounge lucky
  luggage lumber lunar lunch luxury lyrics machine magnet mailbox major mammal mango maple marble march margin
  market mask master matrix maximum meadow measure medal media melody melt member memory mention menu merit mesh
  message method milk million mimic mineral mirror mitten mixture mobile model modify moment monday month moon
  morning mosaic mother motor mouse movie muffin muscle museum music mustard mutual myself mystery napkin nation
  nature navy nearby needle negative nephew nerve nest network never nickel nine noble noodle normal north novel
  nurse nutmeg nylon oasis oatmeal object observe obvious ocean october office often olive olympic omelet onion
  online opal opera opinion oppose orange orbit orchard ordinary organ orient original ostrich otter outdoor
  outside oven owner oxygen oyster ozone pacific paddle page painter pajamas palace pancake panda panel panther
  paper parade parent park partner passport pasta patch pattern pavement payment peanut pebble pelican pencil
  penguin pepper person petal pheasant phone photo phrase physics piano picnic picture pigeon pillow pilot
  pioneer pipe pizza planet plate player plug plywood pocket poem point polar pond popcorn potato pottery powder
  practice prairie predict present price private produce profit promote proof property protect proud pudding pulp
  pulse pumpkin pupil puppet purchase purple puzzle pyramid python quality quantum quarter question quick quilt
  quiz quote rabbit raccoon radar radio railway raisin ranch random rapid rattle raven razor ready reason recall
  receive recipe record recycle reduce reflect region regular relax release remain remember rent rescue resist
  response result return reunion rhythm ribbon rigid ring river road robin robot romance rotate royal rubber ruby
  rudder ruler runway rural russet safari salad salmon salt salute sample sandal satisfy sauce sausage savanna
  scale scarf scatter scene school science scissors scorpion scout screen script scrub search second secret
  section seed segment select senior sense sentence sequence series service session seven shadow shallow shampoo
  shell sheriff shield shift shine ship shiver shoulder shrimp shuffle sibling sierra signal silent silver
  similar since siren sister situate skate sketch skill skirt slice slogan slow small smart smile smooth snack
  snake soap soccer social sofa solid solution someone song source south soybean space spatial speak special
  sphere spider spinach spirit split sponsor spoon sport spray spread spring spruce square squirrel stable
  stadium staff stage stairs stamp station stereo stick stomach stone story strategy street strike strong student
  style submit subway success sudden sugar suitcase summer sunday sunset super surface surprise sushi swan
  sweater swim switch symbol syrup system tackle tadpole talent tank target taxi teacher team temple tenant
  tennis terrace textile theory thing thought three thumb thunder ticket tiger timber tiny tissue title today
  toddler together token tomato tonight tool topic torch tornado tortoise total tourist tower track trade traffic
  trailer transfer travel treasure tribe trigger trim trophy trumpet trust truth tulip tuna tunnel turbine turkey
  turtle tuxedo twelve twenty twice twin typhoon umbrella uncle under unicorn uniform unique universe unlock
  until update upgrade uphold upper upset urban utility vacuum valve vanilla vault vehicle velvet verb vessel
  viaduct vibrant victory video view village vinegar vintage violin virtual visit vivid voice volcano volume
  voyage waffle wagon walk wallet walnut walrus wander warm warrior wash water wedding weekend welcome whale
  wheat wheel whisper width wild window winter wisdom wolf word wrap writer xenon yacht yard year yellow yoga
  yogurt young zebra zero zigzag zinc zipper zodiac zoology
`
  .trim()
  .split(/\s+/);

/** Letters that are enough to tell a word from all others. */
export const PREFIX_LETTERS = 4;
