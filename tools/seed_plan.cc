#include "tools/seed_plan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <utility>

namespace taus::tools {
namespace {

using Weighted = std::vector<std::pair<const char*, double>>;

const std::array<const char*, 24> women{"Kari", "Anne", "Ingrid", "Liv",  "Marit", "Solveig", "Hanne",    "Silje",
                                        "Nora", "Emma", "Sofie",  "Maja", "Amina", "Fatima",  "Oksana",   "Elena",
                                        "Ida",  "Thea", "Astrid", "Gro",  "Tone",  "Berit",   "Ragnhild", "Sanne"};
const std::array<const char*, 24> men{"Ola",  "Per",    "Jan",    "Lars",   "Kjell", "Arne",  "Odd",    "Tor",
                                      "Knut", "Erik",   "Jonas",  "Emil",   "Noah",  "Ahmed", "Yusuf",  "Dmytro",
                                      "Ivan", "Sindre", "Håvard", "Øyvind", "Stian", "Terje", "Magnus", "Åge"};
const std::array<const char*, 32> families{
    "Hansen", "Johansen", "Olsen",  "Larsen",  "Andersen", "Nilsen", "Pedersen", "Kristiansen", "Jensen",  "Karlsen", "Bakken",
    "Haugen", "Solberg",  "Moen",   "Strand",  "Lie",      "Dahl",   "Lund",     "Berg",        "Hagen",   "Eide",    "Fossum",
    "Tveit",  "Nygård",   "Sæther", "Ødegård", "Myhre",    "Aune",   "Vik",      "Sand",        "Rønning", "Lunde"};
const std::array<const char*, 20> middles{"Sol",  "Vår", "Nord", "Elv",  "Fjell", "Skog", "Hav", "Li", "Myr",    "Aas",
                                          "Holt", "Bø",  "Rud",  "Vang", "Mo",    "Vold", "Nes", "Øy", "Brekke", "Tun"};
// Thousands of inhabitants, about.
const Weighted vestfold_telemark{{"3901", 28},  {"3903", 26},  {"3905", 59},  {"3907", 66},  {"3909", 48},  {"3911", 27},
                                 {"4001", 37},  {"4003", 56},  {"4005", 13},  {"4010", 2.4}, {"4012", 14},  {"4014", 10},
                                 {"4016", 4},   {"4018", 6.5}, {"4020", 11},  {"4022", 3},   {"4024", 1.6}, {"4026", 5.5},
                                 {"4028", 2.4}, {"4030", 1.5}, {"4032", 1.2}, {"4034", 2.2}, {"4036", 3.8}};
const Weighted mid_troms{{"5530", 14.7}, {"5524", 6.6}, {"5520", 4}, {"5526", 3.4},
                         {"5528", 1.1},  {"5522", 2.1}, {"5518", 1}, {"5516", 1.1}};
const Weighted origins{{"NO", 75}, {"PL", 4},   {"SY", 3},   {"UA", 3},   {"LT", 2}, {"SO", 2}, {"ER", 2},
                       {"SE", 2},  {"DE", 1.5}, {"TH", 1.5}, {"PH", 1.5}, {"IQ", 1}, {"AF", 1}, {"RO", 0.5}};
const Weighted tongues{{"nb", 70}, {"nn", 5}, {"pl", 4}, {"ar", 4},   {"uk", 3},    {"lt", 2}, {"so", 2},
                       {"ti", 2},  {"sv", 2}, {"de", 2}, {"th", 1.5}, {"sme", 1.5}, {"en", 1}};
const Weighted educations{{"2", 24}, {"4", 36}, {"5", 3}, {"6", 26}, {"7", 11}};
const Weighted focus_areas{{"yrkesvalg", 40}, {"utdanning", 30}, {"jobbsøking", 20}, {"omstilling", 10}};
const Weighted channels{{"inPerson", 65}, {"video", 20}, {"phone", 15}};
const std::array<double, 12> season{1.4, 1.4, 1.5, 1.2, 0.8, 0.7,
                                    0.1, 1.2, 1.3, 1.2, 0.9, 0.3};  // months: before 15 April, and the autumn
constexpr int last_day = 345;                                       // a case that begins must also end within the year
constexpr int days_a_session = 21;

const char* one_of(SeedRandom& random, const Weighted& list) {
  std::vector<double> weights;
  for (const auto& [name, weight] : list) weights.push_back(weight);
  return list[random.pick(weights)].first;
}

int age_of(SeedRandom& random) {
  static const std::array<std::pair<int, int>, 6> bands{{{20, 29}, {30, 39}, {40, 49}, {50, 59}, {18, 19}, {60, 67}}};
  const auto [low, high] = bands[random.pick({35, 30, 20, 10, 2.5, 2.5})];
  return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

int day_of(SeedRandom& random, int year, int latest) {
  using namespace std::chrono;
  const auto begin = sys_days(std::chrono::year(year) / January / 1);
  for (;;) {
    const unsigned month = static_cast<unsigned>(random.pick({season.begin(), season.end()})) + 1;
    const auto date =
        std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(1 + static_cast<unsigned>(random.below(28)));
    const int day = static_cast<int>((sys_days(date) - begin).count());
    if (day <= latest) return day;
  }
}

// For each of `count` people an index, as often as the weights say to within one, in random order: a small year has the shares of a large one.
std::vector<std::size_t> shares(SeedRandom& random, std::size_t count, const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<std::size_t> out;
  double upto = 0;
  for (std::size_t index = 0; index < weights.size(); ++index) {
    upto += weights[index];
    while (out.size() < static_cast<std::size_t>(static_cast<double>(count) * upto / sum + 0.5)) out.push_back(index);
  }
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
  return out;
}

SeedPerson person(SeedRandom& random, std::size_t number, std::size_t gender, int year, bool telemark) {
  SeedPerson out;
  out.gender = std::array{"female", "male", "other", "unknown"}[gender];
  const bool woman = gender == 0 || (gender > 1 && random.chance(0.5));
  out.name = std::string((woman ? women : men)[random.below(24)]) + ' ' + middles[random.below(middles.size())] + ' ' +
             families[random.below(families.size())];
  out.email = "person" + std::to_string(number) + "." + std::to_string(year) + "@example.no";
  out.phone = "+47" + std::to_string(90'000'000 + number % 10'000'000);
  out.municipality = one_of(random, telemark ? vestfold_telemark : mid_troms);
  out.nationality = one_of(random, origins);
  out.mother_tongue = one_of(random, tongues);
  out.education = one_of(random, educations);
  const std::size_t labour = random.pick({50, 5, 10, 35});
  out.labour = std::array{"employed", "education", "employed", "neither"}[labour];
  if (labour == 2) out.labour_also = "education";
  out.focus = one_of(random, focus_areas);
  out.situation = "Ønsker veiledning om " + out.focus;
  if (random.chance(0.06)) out.need = "Trenger tilrettelagte lokaler";
  out.age = age_of(random);
  out.channel = one_of(random, channels);
  out.explicit_end = random.chance(0.6);
  return out;
}

}  // namespace

std::uint64_t SeedRandom::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::size_t SeedRandom::pick(const std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double left = static_cast<double>(next() >> 11) * 0x1.0p-53 * sum;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return weights.size() - 1;
}

std::vector<SeedPerson> seed_people(SeedRandom& random, std::size_t clients, int year, bool telemark) {
  std::vector<SeedPerson> out;
  const std::vector<std::size_t> genders = shares(random, clients, {60, 39, 0.5, 0.5});
  const std::vector<std::size_t> sessions = shares(random, clients, {60, 25, 10, 3, 2});
  for (std::size_t i = 0; i < clients + clients / 40; ++i) {
    SeedPerson one = person(random, i, i < clients ? genders[i] : random.below(2), year, telemark);
    one.sessions = i < clients ? static_cast<int>(sessions[i]) + 1 : 0;
    one.day = day_of(random, year, last_day - days_a_session * (one.sessions + 1));
    out.push_back(std::move(one));
  }
  std::stable_sort(out.begin(), out.end(), [](const SeedPerson& a, const SeedPerson& b) { return a.day < b.day; });
  return out;
}

bool seed_working_day(const Zone::Date& date) {
  using namespace std::chrono;
  const weekday day(sys_days(year_month_day(year(date.year), month(date.month), std::chrono::day(date.day))));
  if (day == Saturday || day == Sunday) return false;
  static const std::array<std::pair<unsigned, unsigned>, 7> off{
      {{1, 1}, {5, 1}, {5, 17}, {12, 24}, {12, 25}, {12, 26}, {12, 31}}};
  return std::find(off.begin(), off.end(), std::pair(date.month, date.day)) == off.end();
}

}  // namespace taus::tools
